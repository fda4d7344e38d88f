import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { StateFile } from '../store/state-file.js';
import { clockShown } from './clock-routes.js';
import { ControlError, json, type ControlRoute } from './control.js';

export const snapshotRoutes: ControlRoute[] = [
  {
    // Back to an empty account. Endpoints named at the start stay, and so does the clock unless one is given.
    method: 'POST',
    path: /^\/_sandbox\/reset$/,
    async handle({ controls, body }) {
      const clock = body['clock'] === undefined ? undefined : Date.parse(String(body['clock']));
      if (Number.isNaN(clock))
        throw new ControlError(`'${String(body['clock'])}' is not an RFC 3339 time such as 2027-01-31T00:00:00Z.`);
      await controls.reset({ clock, catalogue: body['catalogue'] === 'sample' ? 'sample' : 'none' });
      return json(clockShown(controls));
    },
  },
  {
    // A copy of the state that another sandbox can be started from.
    method: 'POST',
    path: /^\/_sandbox\/snapshot$/,
    handle({ controls: { account }, body }) {
      const named = body['file'];
      if (typeof named !== 'string' || named === '')
        throw new ControlError('Send {"file": "<path>"}: where the snapshot is to be written.');
      const path = resolve(named);
      if (existsSync(path)) throw new ControlError(`The file ${path} exists already; name another one.`);
      const file = new StateFile(path);
      account.store.snapshotTo(file);
      file.close();
      return json({ file: path });
    },
  },
];
