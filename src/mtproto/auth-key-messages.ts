// What travels while an authorization key is made (mtproto.md 6). Nonces, longs and hashes are in wire
// order, numbers in strings big-endian.
import { badMessage } from './errors.ts';
import { TlReader, TlWriter } from './tl.ts';

/** Constructors. */
export const ID = {
  reqPqMulti: 0xbe7e8ef1,
  reqPq: 0x60469778,
  resPq: 0x05162463,
  innerData: 0x83c95aec,
  innerDataDc: 0xa9f55f95,
  innerDataTemp: 0x3c6a84d4,
  innerDataTempDc: 0x56fddf88,
  reqDhParams: 0xd712e4be,
  serverDhParamsOk: 0xd0e8075c,
  serverDhParamsFail: 0x79cb045d,
  serverDhInnerData: 0xb5890dba,
  clientDhInnerData: 0x6643b654,
  setClientDhParams: 0xf5045f1f,
  dhGenOk: 0x3bcbf734,
  dhGenRetry: 0x46dc1fb9,
  dhGenFail: 0xa69dae02,
} as const;

/** More keys than a server would name. */
const MAX_FINGERPRINTS = 64;

/** The two nonces that every message after the first repeats. */
export type Nonces = { readonly nonce: Uint8Array; readonly serverNonce: Uint8Array };

const start = (kind: number, { nonce, serverNonce }: Nonces): TlWriter =>
  new TlWriter().uint32(kind).raw(nonce).raw(serverNonce);

export const encodeReqPqMulti = (nonce: Uint8Array): Uint8Array =>
  new TlWriter().uint32(ID.reqPqMulti).raw(nonce).take();

/** The client's nonce, from req_pq_multi or its predecessor. */
export function decodeReqPq(body: Uint8Array): Uint8Array {
  const reader = new TlReader(body);
  const kind = reader.uint32();
  if (kind !== ID.reqPqMulti && kind !== ID.reqPq) {
    throw badMessage('expected req_pq_multi');
  }
  return reader.raw(16);
}

export const encodeResPq = (
  nonces: Nonces,
  pq: Uint8Array,
  fingerprints: readonly Uint8Array[],
): Uint8Array => start(ID.resPq, nonces).bytes(pq).longs(fingerprints).take();

export function decodeResPq(
  body: Uint8Array,
): Nonces & { pq: Uint8Array; fingerprints: Uint8Array[] } {
  const reader = new TlReader(body);
  reader.expect(ID.resPq);
  return {
    nonce: reader.raw(16),
    serverNonce: reader.raw(16),
    pq: reader.bytes(),
    fingerprints: reader.longs(MAX_FINGERPRINTS),
  };
}

/** What RSA_PAD carries; `expiresIn` in seconds for a temporary key, null for a permanent one. */
export type InnerData = Nonces & {
  pq: Uint8Array;
  p: Uint8Array;
  q: Uint8Array;
  newNonce: Uint8Array;
  /** Null in the old constructors, which have no such field. */
  dc: number | null;
  expiresIn: number | null;
};

/** A writer, because it holds new_nonce and has to be wiped. */
export function encodeInnerData(data: InnerData & { dc: number }): TlWriter {
  const writer = new TlWriter()
    .uint32(data.expiresIn === null ? ID.innerDataDc : ID.innerDataTempDc)
    .bytes(data.pq)
    .bytes(data.p)
    .bytes(data.q)
    .raw(data.nonce)
    .raw(data.serverNonce)
    .raw(data.newNonce)
    .int32(data.dc);
  return data.expiresIn === null ? writer : writer.int32(data.expiresIn);
}

const INNER_DATA: readonly number[] = [
  ID.innerData,
  ID.innerDataDc,
  ID.innerDataTemp,
  ID.innerDataTempDc,
];

/** Also the two constructors without a data centre that older clients send. */
export function decodeInnerData(data: Uint8Array): InnerData {
  const reader = new TlReader(data);
  const kind = reader.uint32();
  if (!INNER_DATA.includes(kind)) throw badMessage('expected p_q_inner_data');
  const hasDc = kind === ID.innerDataDc || kind === ID.innerDataTempDc;
  const temporary = kind === ID.innerDataTemp || kind === ID.innerDataTempDc;
  return {
    pq: reader.bytes(),
    p: reader.bytes(),
    q: reader.bytes(),
    nonce: reader.raw(16),
    serverNonce: reader.raw(16),
    newNonce: reader.raw(32),
    dc: hasDc ? reader.int32() : null,
    expiresIn: temporary ? reader.int32() : null,
  };
}

export type ReqDhParams = Nonces & {
  p: Uint8Array;
  q: Uint8Array;
  fingerprint: Uint8Array;
  encryptedData: Uint8Array;
};

export const encodeReqDhParams = (request: ReqDhParams): Uint8Array =>
  start(ID.reqDhParams, request)
    .bytes(request.p)
    .bytes(request.q)
    .raw(request.fingerprint)
    .bytes(request.encryptedData)
    .take();

export function decodeReqDhParams(body: Uint8Array): ReqDhParams {
  const reader = new TlReader(body);
  reader.expect(ID.reqDhParams);
  return {
    nonce: reader.raw(16),
    serverNonce: reader.raw(16),
    p: reader.bytes(),
    q: reader.bytes(),
    fingerprint: reader.raw(8),
    encryptedData: reader.bytes(),
  };
}

export const encodeServerDhParams = (nonces: Nonces, encryptedAnswer: Uint8Array): Uint8Array =>
  start(ID.serverDhParamsOk, nonces).bytes(encryptedAnswer).take();

/** `refused`: server_DH_params_fail, with the hash that proves it. */
export function decodeServerDhParams(
  body: Uint8Array,
): Nonces &
  ({ refused: false; encryptedAnswer: Uint8Array } | { refused: true; hash: Uint8Array }) {
  const reader = new TlReader(body);
  const kind = reader.uint32();
  if (kind !== ID.serverDhParamsOk && kind !== ID.serverDhParamsFail) {
    throw badMessage('expected Server_DH_Params');
  }
  const nonces = { nonce: reader.raw(16), serverNonce: reader.raw(16) };
  return kind === ID.serverDhParamsOk
    ? { ...nonces, refused: false, encryptedAnswer: reader.bytes() }
    : { ...nonces, refused: true, hash: reader.raw(16) };
}

export type ServerDhInner = Nonces & {
  g: number;
  prime: Uint8Array;
  gA: Uint8Array;
  /** Seconds since 1970. */
  serverTime: number;
};

export const encodeServerDhInner = (inner: ServerDhInner): Uint8Array =>
  start(ID.serverDhInnerData, inner)
    .int32(inner.g)
    .bytes(inner.prime)
    .bytes(inner.gA)
    .int32(inner.serverTime)
    .take();

/** `length`: bytes that the object takes of the data, the rest of which is padding. */
export function decodeServerDhInner(data: Uint8Array): ServerDhInner & { length: number } {
  const reader = new TlReader(data);
  reader.expect(ID.serverDhInnerData);
  return {
    nonce: reader.raw(16),
    serverNonce: reader.raw(16),
    g: reader.int32(),
    prime: reader.bytes(),
    gA: reader.bytes(),
    serverTime: reader.int32(),
    length: reader.offset,
  };
}

export type ClientDhInner = Nonces & { retryId: Uint8Array; gB: Uint8Array };

export const encodeClientDhInner = (inner: ClientDhInner): Uint8Array =>
  start(ID.clientDhInnerData, inner).raw(inner.retryId).bytes(inner.gB).take();

export function decodeClientDhInner(data: Uint8Array): ClientDhInner & { length: number } {
  const reader = new TlReader(data);
  reader.expect(ID.clientDhInnerData);
  return {
    nonce: reader.raw(16),
    serverNonce: reader.raw(16),
    retryId: reader.raw(8),
    gB: reader.bytes(),
    length: reader.offset,
  };
}

export const encodeSetClientDhParams = (nonces: Nonces, encryptedData: Uint8Array): Uint8Array =>
  start(ID.setClientDhParams, nonces).bytes(encryptedData).take();

export function decodeSetClientDhParams(body: Uint8Array): Nonces & { encryptedData: Uint8Array } {
  const reader = new TlReader(body);
  reader.expect(ID.setClientDhParams);
  return {
    nonce: reader.raw(16),
    serverNonce: reader.raw(16),
    encryptedData: reader.bytes(),
  };
}

/** How the server decides, and the number in the hash that goes with it. */
export const VERDICTS = { ok: 1, retry: 2, fail: 3 } as const;

/** What a server says of a key. */
export type Verdict = keyof typeof VERDICTS;

const VERDICT_IDS: Readonly<Record<Verdict, number>> = {
  ok: ID.dhGenOk,
  retry: ID.dhGenRetry,
  fail: ID.dhGenFail,
};

export const encodeDhGen = (nonces: Nonces, verdict: Verdict, hash: Uint8Array): Uint8Array =>
  start(VERDICT_IDS[verdict], nonces).raw(hash).take();

export function decodeDhGen(body: Uint8Array): Nonces & { verdict: Verdict; hash: Uint8Array } {
  const reader = new TlReader(body);
  const kind = reader.uint32();
  const found = Object.entries(VERDICT_IDS).find(([, value]) => value === kind);
  if (found === undefined) throw badMessage('expected Set_client_DH_params_answer');
  return {
    nonce: reader.raw(16),
    serverNonce: reader.raw(16),
    verdict: found[0] as Verdict,
    hash: reader.raw(16),
  };
}
