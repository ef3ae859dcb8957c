export * from "./crypto";
export * from "./opus";
export * from "../voice/time-scale";
export { voiceOpenAndDecode } from "../voice-packet/receive";
export { voiceEncodeAndSeal } from "../voice-packet/send";
