/** One entry of a list is one case; a section that is an object has one or more under each key. */
export function countCases(content) {
  if (Array.isArray(content)) return content.length;
  if (typeof content !== 'object' || content === null) return 1;
  return Object.values(content).reduce(
    (sum, value) => sum + (Array.isArray(value) ? value.length : 1),
    0,
  );
}
