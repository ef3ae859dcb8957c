/** One value of a running relay. */
export type Metric = {
  /** Without the prefix `sottovoce_`. */
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly value: number;
};

/** The text exposition format of Prometheus, version 0.0.4. */
export function metricsText(metrics: readonly Metric[]): string {
  const lines: string[] = [];
  for (const { name, type, help, value } of metrics) {
    const full = `sottovoce_${name}`;
    lines.push(`# HELP ${full} ${help}`, `# TYPE ${full} ${type}`, `${full} ${value}`);
  }
  return `${lines.join('\n')}\n`;
}
