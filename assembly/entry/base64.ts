export { base64Decode, base64Reserve } from "../core/base64";
