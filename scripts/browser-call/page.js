// Runs in a page: takes jobs from the server, one after the other.
import { runEnd } from './end.js';

const name = new URL(location.href).searchParams.get('name');
const pcm = new Float32Array(await (await fetch('/speech')).arrayBuffer());

for (;;) {
  const answer = await fetch(`/job?${name}`);
  if (answer.status !== 200) break;
  try {
    const { heard, report } = await runEnd(await answer.json(), pcm, {});
    await fetch(`/heard?${name}`, { method: 'POST', body: heard });
    await fetch(`/report?${name}`, { method: 'POST', body: JSON.stringify(report) });
  } catch (error) {
    const failed = String(/** @type {any} */ (error).stack ?? error);
    await fetch(`/report?${name}`, { method: 'POST', body: JSON.stringify({ failed }) });
  }
}
