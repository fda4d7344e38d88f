import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export interface Child {
  /** Asks one thing and waits for the answer. Throws what the child threw. */
  ask<Answer>(question: string, about?: unknown): Promise<Answer>;
  end(): Promise<void>;
}

interface Reply {
  number: number;
  answer?: unknown;
  error?: string;
}

/** Starts a sibling of this file as a process of its own; it answers by `answerQuestions`. */
export function startChild(name: string, args: string[] = [], env: Record<string, string> = {}): Child {
  const child: ChildProcess = fork(join(__dirname, `${name}.js`), args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  // Listened to from the beginning: who ends it a second time would wait for an exit that is over.
  const exited = once(child, 'exit');
  let asked = 0;
  const waiting = new Map<number, (reply: Reply) => void>();
  child.on('message', (message) => {
    const reply = message as Reply;
    waiting.get(reply.number)?.(reply);
    waiting.delete(reply.number);
  });
  child.on('exit', (code) => waiting.forEach((settle) => settle({ number: 0, error: `${name} ended with ${code}.` })));
  return {
    async ask<Answer>(question: string, about?: unknown) {
      const number = ++asked;
      const replied = new Promise<Reply>((resolve) => waiting.set(number, resolve));
      child.send({ number, question, about });
      const { answer, error } = await replied;
      if (error !== undefined) throw new Error(error);
      return answer as Answer;
    },
    async end() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** The child's side: one function for each question. Its process ends with that of its parent. */
export function answerQuestions(answers: Record<string, (about: unknown) => unknown>): void {
  process.on('disconnect', () => process.exit());
  process.on('message', (message) => {
    const { number, question, about } = message as { number: number; question: string; about: unknown };
    Promise.resolve()
      .then(() => answers[question]?.(about))
      .then(
        (answer) => process.send?.({ number, answer }),
        (thrown: unknown) => process.send?.({ number, error: String(thrown) }),
      );
  });
}
