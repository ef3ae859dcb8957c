import type { DecoderSettings, EncoderFormat, EncoderSettings } from '../opus/settings.ts';

/** What the main thread asks of the worker; `id` names a pair of encoder and decoder. */
export type Request =
  | ({ readonly kind: 'open'; readonly id: number } & EncoderFormat)
  | { readonly kind: 'encode'; readonly id: number; readonly pcm: Int16Array }
  | { readonly kind: 'decode'; readonly id: number; readonly packet: Uint8Array | null }
  | {
      readonly kind: 'configure';
      readonly id: number;
      readonly encoder?: Partial<EncoderSettings>;
      readonly decoder?: Partial<DecoderSettings>;
    }
  | { readonly kind: 'close'; readonly id: number };

/** What it answers. */
export type Reply =
  | { readonly data: Uint8Array | Int16Array | undefined }
  | { readonly code: string; readonly message: string };
