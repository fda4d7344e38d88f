const { default: Sequencer } = require('@jest/test-sequencer');

/** What takes long for its size, longest first. */
const LONG = [
  'simulation/simulation',
  'simulation/planted-bugs',
  'crash/crash-matrix',
  'real/sockets',
  'journeys/crash',
  'real/frozen-worker',
  'real/backlog',
  'real/stripe-outage',
  'real/secret-rotation',
  'cli/serve',
  'journeys/verbs-by-state',
  'cli/mails',
  'journeys/lost-deliveries',
].map((name) => `/test/${name}.test.ts`);

/** Starts long files early, since a clone that never ran them knows sizes only, and one that begins last leaves a core idle. */
module.exports = class extends Sequencer {
  sort(tests) {
    const place = ({ path }) => {
      const found = LONG.findIndex((name) => path.endsWith(name));
      return found < 0 ? LONG.length : found;
    };
    return super.sort(tests).sort((one, other) => place(one) - place(other));
  }
};
