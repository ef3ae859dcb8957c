export * from "./crypto";
export * from "./opus";
