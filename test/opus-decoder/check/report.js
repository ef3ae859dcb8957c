/**
 * What a check found. `unsupported`: the engine cannot show what would have been compared; that is
 * neither passed nor failed, and is counted apart.
 * @typedef {{ category: string, name: string, verdict: 'passed' | 'failed' | 'unsupported', detail: string }}
 *   Check
 */

/** Collects what checks find. */
export class Report {
  /** @type {Check[]} */
  checks = [];

  /** @param {string} category @param {string} name @param {boolean} ok @param {string} detail */
  add(category, name, ok, detail) {
    this.checks.push({ category, name, verdict: ok ? 'passed' : 'failed', detail });
  }

  /** @param {string} category @param {string} name @param {string} detail */
  unsupported(category, name, detail) {
    this.checks.push({ category, name, verdict: 'unsupported', detail });
  }

  /**
   * A check that throws has failed.
   * @param {string} category @param {string} name
   * @param {() => void | Promise<void>} run
   */
  async guard(category, name, run) {
    try {
      await run();
    } catch (error) {
      this.add(category, name, false, String(/** @type {any} */ (error)?.stack ?? error));
    }
  }

  /** @param {Check['verdict']} verdict */
  count(verdict) {
    return this.checks.filter((check) => check.verdict === verdict).length;
  }

  /** Rows of a table: one for each category. */
  table() {
    const categories = [...new Set(this.checks.map(({ category }) => category))];
    return categories.map((category) => {
      const count = (verdict) =>
        this.checks.filter((c) => c.category === category && c.verdict === verdict).length;
      return {
        category,
        passed: count('passed'),
        failed: count('failed'),
        unsupported: count('unsupported'),
      };
    });
  }
}
