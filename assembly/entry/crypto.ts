export { allocate, release } from "../core/memory";
