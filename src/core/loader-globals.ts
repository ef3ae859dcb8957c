// AudioWorkletGlobalScope has no TextDecoder in Chromium and Firefox, but @assemblyscript/loader
// constructs one while it is being evaluated. We never decode strings through it, so a stand-in is
// enough. It must be in place before the loader, hence a module of its own that is imported first;
// load.ts takes it away again, so that importing this package leaves no trace in the global scope.
const scope = globalThis as { TextDecoder?: unknown };

class TextDecoderStandIn {
  decode(): never {
    throw new TypeError('TextDecoder is not available here');
  }
}

if (scope.TextDecoder === undefined) scope.TextDecoder = TextDecoderStandIn;

/** Removes the stand-in, if it was needed. */
export function restoreGlobals(): void {
  if (scope.TextDecoder === TextDecoderStandIn) delete scope.TextDecoder;
}
