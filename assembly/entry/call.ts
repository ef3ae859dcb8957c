export * from "./crypto";
export * from "./opus";
export * from "../voice/time-scale";
