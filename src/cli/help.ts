export const HELP = `Usage: sottovoce COMMAND [OPTIONS]

  encode IN.wav OUT.opus   encode a WAV file to Ogg Opus
  decode IN.opus OUT.wav   decode an Ogg Opus file to WAV
  info FILE.opus           tell what is in an Ogg Opus file
  relay                    run a blind relay for calls, and its signalling
  impair                   forward UDP as a bad network would

"-" stands for standard input or output. "sottovoce COMMAND --help" tells more.

  --help       this text
  --version    the version of this program

Example: sottovoce encode speech.wav speech.opus --bitrate 24 --application voip

Exit codes: 0 done, 1 failed (output cannot be written, ...), 2 wrong input.`;

export const ENCODE_HELP = `Usage: sottovoce encode IN.wav OUT.opus [OPTIONS]

WAV of 8, 16, 24, 32 bit or float, mono or stereo, 4 to 384 kHz, to Ogg Opus.

  --bitrate KBPS       6 to 510 kbit/s; default: by the channels
  --application NAME   voip (speech), audio (default) or low-delay
  --complexity N       0 (fastest) to 10 (best, default)
  --vbr, --cvbr, --cbr variable (default), constrained or constant bitrate
  --frame MS           2.5, 5, 10, 20 (default), 40, 60, 80, 100 or 120
  --gain DB            gain that players apply, -128 to 127.99; default 0
  --tag NAME=VALUE     a comment, as in TITLE=Waltz; may be repeated
  --quiet              no progress bar

Example: sottovoce encode speech.wav speech.opus --bitrate 24 --application voip
         arecord -f cd | sottovoce encode - - | ssh host 'cat > take.opus'`;

export const DECODE_HELP = `Usage: sottovoce decode IN.opus OUT.wav [OPTIONS]

Ogg Opus, mono or stereo, chained streams too, to WAV. Pre-skip, end trimming
and the gain of the header are applied.

  --rate HZ    4000 to 384000; default: as before encoding, if the file tells
  --float      32-bit float, not clipped, instead of 16-bit samples
  --quiet      no progress bar

If the input breaks off, what came before is kept as OUT.wav.part.

Example: sottovoce decode speech.opus speech.wav --rate 16000
         sottovoce decode speech.opus - | aplay`;

export const INFO_HELP = `Usage: sottovoce info FILE.opus [OPTIONS]

Tells the streams of an Ogg Opus file, their duration, packets, modes and tags.
Every page and packet is checked; nothing is decoded.

  --json    one JSON object, durations in seconds, rates in bit/s

Example: sottovoce info speech.opus
         sottovoce info - --json < speech.opus`;

export const RELAY_HELP = `Usage: sottovoce relay --secret-file FILE --listen URL ...
       sottovoce relay ticket --secret-file FILE [--name NAME]
       sottovoce relay room --secret-file FILE [--seconds N]

Passes sealed packets between the two ends of a call. "ticket" prints the tag
of a call that the relay serves, "room" a token for its signalling.

  --listen URL         udp://, tcp:// or ws://ADDRESS:PORT; may be repeated
  --secret-file FILE   16 bytes or more; signs tickets and tokens
  --name NAME          serve only tickets made for this name
  --tls-cert FILE, --tls-key FILE   PEM; ws:// is served as wss:// then
  --signalling         rooms for signalling at /signalling of ws://
  --metrics HOST:PORT  Prometheus at /metrics, and /health
  --trust-proxy        the last X-Forwarded-For is the client
  --max-sessions N     calls at a time; default 10000
  --drain-seconds N    how long SIGTERM waits for calls to end; default 300
  --tag HEX            serve this tag without a ticket: for tests
  --quiet              print nothing

Example: sottovoce relay --listen udp://0.0.0.0:4001 --secret-file secret`;

export const IMPAIR_HELP = `Usage: sottovoce impair --to HOST:PORT [OPTIONS]

Forwards UDP datagrams to HOST:PORT and back, with the faults of a network.
Loss of 10 % with --burst 1 is random. Both directions are treated alike.

  --listen HOST:PORT   default 127.0.0.1 and any free port, which is printed
  --network NAME       good-wifi, bad-wifi, bus-3g, train or satellite
  --delay MS           one way
  --jitter MS          0 to MS more, at random
  --loss PERCENT       lost at random
  --burst N            mean number of datagrams that are lost in a row
  --rate KBPS          capacity, headers included
  --trace FILE         capacity over time: JSON of format voip-trace-1
  --queue BYTES        that wait for the capacity; default 64000
  --codel              the queue drops early (RFC 8289)
  --reorder PERCENT    come 40 ms later
  --duplicate PERCENT  come twice
  --corrupt PERCENT    have one bit changed
  --seed N             of all that is random; default 1
  --quiet              print nothing

Example: sottovoce impair --to 192.0.2.1:4001 --delay 60 --loss 10 --burst 3`;
