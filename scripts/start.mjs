// npm start [-- OPTIONS]: installs what is missing, builds, runs the main job.
import './ready.mjs';

await import('../examples/demo/main.mjs');
