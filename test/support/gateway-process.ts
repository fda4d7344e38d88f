import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Commands } from '../crash/child/main.js';

const MAIN = join(__dirname, '../../dist/test/crash/child/main.js');

/** A gateway in a process of its own, which may be frozen and killed. */
export interface GatewayProcess {
  pid: number;
  /** Rejects when the process ends before it answers. */
  call<Name extends keyof Commands>(name: Name, ...given: Parameters<Commands[Name]>): ReturnType<Commands[Name]>;
  /** Resolves with its exit code, or the signal that ended it. */
  ended: Promise<number | NodeJS.Signals>;
  hasEnded(): boolean;
  kill(signal: NodeJS.Signals): void;
  /** The last lines that it printed. */
  printed(): string;
}

/** Loads the program in a new process; it begins with `call('start', …)`. */
export function spawnGateway(): GatewayProcess {
  const child: ChildProcess = spawn(process.execPath, [MAIN], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (text: Buffer) => (printed = (printed + text.toString()).slice(-8_000)));
  const waiting = new Map<number, { resolve(result: unknown): void; reject(reason: Error): void }>();
  let last = 0;
  let loaded = () => {};
  const ready = new Promise<void>((resolve) => (loaded = resolve));
  const ended = once(child, 'exit').then(([code, signal]) => (signal ?? code) as number | NodeJS.Signals);
  void ended.then((how) => {
    for (const { reject } of waiting.values()) reject(new Error(`The gateway ended (${how}).\n${printed}`));
    waiting.clear();
  });
  child.on('message', ({ id, result, failure }: { id: number; result?: unknown; failure?: string }) => {
    if (id === 0) return loaded();
    const call = waiting.get(id);
    waiting.delete(id);
    if (failure === undefined) call?.resolve(result);
    else call?.reject(new Error(`${failure}\n${printed}`));
  });
  return {
    pid: child.pid ?? 0,
    ended,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    printed: () => printed,
    kill: (signal) => void child.kill(signal),
    call: (name, ...[given]) => {
      const id = ++last;
      const answer = Promise.race([ready, ended]).then(
        () =>
          new Promise((resolve, reject) => {
            if (!child.connected) return reject(new Error(`The gateway has ended.\n${printed}`));
            waiting.set(id, { resolve, reject });
            child.send({ id, name, given }, (error) => error && reject(error));
          }),
      );
      return answer as ReturnType<Commands[typeof name]>;
    },
  };
}
