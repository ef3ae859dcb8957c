// Checks files of known answers against what this package ships. Runs in every runtime. A section is
// { cases(file), check(case, file) }: `check` throws, or rejects, when the case does not hold.
import * as callPackets from './call-packets.js';
import * as mtproto from './mtproto.js';

const KINDS = [mtproto, callPackets];

/**
 * @typedef {{ name: string, state: 'checked' | 'later' | 'unknown', cases: number, passed: number,
 *   failures: string[] }} SectionResult
 */

/** @param {unknown} error */
const reason = (error) => (error instanceof Error ? error.message : String(error));

async function checkSection({ name, content, file }, section) {
  /** @type {string[]} */
  const failures = [];
  /** @type {unknown[]} */
  let cases = [];
  try {
    cases = section.cases(content, file);
  } catch (error) {
    failures.push(`${name}: ${reason(error)}`);
  }
  for (const [index, entry] of cases.entries()) {
    try {
      await section.check(entry, content, file);
    } catch (error) {
      failures.push(`${name}[${index}]: ${reason(error)}`);
    }
  }
  const broken = cases.length === 0 && failures.length > 0 ? 1 : 0;
  const passed = cases.length - failures.length + broken;
  return { name, state: 'checked', cases: cases.length, passed, failures };
}

/**
 * Checks a parsed file.
 * @param {any} file
 * @returns {Promise<SectionResult[] | null>} null when it is no file of a known kind
 */
export async function checkFile(file) {
  const kind = KINDS.find((candidate) => candidate.recognises(file));
  if (kind === undefined) return null;
  const results = [];
  for (const [name, content] of kind.sectionsOf(file)) {
    const section = Object.hasOwn(kind.SECTIONS, name) ? kind.SECTIONS[name] : undefined;
    if (section !== undefined) {
      results.push(await checkSection({ name, content, file }, section));
      continue;
    }
    const state = kind.LATER.includes(name) ? 'later' : 'unknown';
    const failures = state === 'unknown' ? [`${name}: nobody knows this section`] : [];
    results.push({ name, state, cases: kind.countCases(content), passed: 0, failures });
  }
  return results;
}

/** @param {SectionResult} section */
export function describeSection({ name, state, cases, passed, failures }) {
  if (state === 'later') return `${name}: later, ${cases} cases`;
  if (state === 'unknown') return `${name}: unknown section, ${cases} cases not checked`;
  return `${name}: ${passed} passed, ${failures.length} failed`;
}
