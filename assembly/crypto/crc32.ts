// CRC-32 as of IEEE 802.3 and gzip (RFC 1952 8), for the full transport (transports: checksum of what
// is sent). Its tables are indexed by the data: not for secrets.

/** Eight tables of 256 words for eight bytes at a time; filled on first use. */
const TABLES: usize = memory.data(8192, 16);

function fillTables(): void {
  for (let n: u32 = 0; n < 256; n++) {
    let c = n;
    for (let bit = 0; bit < 8; bit++) c = (c >> 1) ^ (0xedb88320 & (0 - (c & 1)));
    store<u32>(TABLES + (<usize>n << 2), c);
  }
  for (let at = TABLES + 1024; at < TABLES + 8192; at += 4) {
    const c = load<u32>(at - 1024);
    store<u32>(at, (c >> 8) ^ load<u32>(TABLES + (<usize>(c & 255) << 2)));
  }
}

// @ts-ignore: decorator
@inline
function entry(table: usize, byte: u32): u32 {
  return load<u32>(TABLES + (table << 10) + (<usize>(byte & 255) << 2));
}

/** Goes on from `crc` (0 at the start) with `length` bytes. */
export function crc32Update(crc: u32, source: usize, length: usize): u32 {
  if (load<u32>(TABLES, 4) == 0) fillTables();
  let c = ~crc;
  const end = source + length;
  for (; source + 8 <= end; source += 8) {
    c ^= load<u32>(source);
    const d = load<u32>(source, 4);
    c = entry(7, c) ^ entry(6, c >> 8) ^ entry(5, c >> 16) ^ entry(4, c >> 24) ^
      entry(3, d) ^ entry(2, d >> 8) ^ entry(1, d >> 16) ^ entry(0, d >> 24);
  }
  for (; source < end; source++) c = (c >> 8) ^ entry(0, c ^ load<u8>(source));
  return ~c;
}
