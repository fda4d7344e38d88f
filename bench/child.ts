import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export interface Child {
  /** The next message that has this field. */
  told<Value>(field: string): Promise<Value>;
  ask(): void;
  end(): Promise<void>;
}

/** Starts a sibling of this file as a process of its own. */
export function startChild(name: string, args: string[] = [], env: Record<string, string> = {}): Child {
  const child: ChildProcess = fork(join(__dirname, `${name}.js`), args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const messages: Record<string, unknown>[] = [];
  child.on('message', (message) => messages.push(message as Record<string, unknown>));
  return {
    async told<Value>(field: string) {
      for (;;) {
        const at = messages.findIndex((message) => field in message);
        if (at >= 0) return messages.splice(at, 1)[0]?.[field] as Value;
        const [happened] = (await Promise.race([once(child, 'message'), once(child, 'exit')])) as unknown[];
        if (typeof happened === 'number') throw new Error(`${name} ended with ${happened}.`);
      }
    },
    ask: () => void child.send('memory'),
    async end() {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}
