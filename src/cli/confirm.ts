import { createInterface } from 'node:readline/promises';
import { CommandFailed, exitCodes } from './exit.js';

/** What stands between a person and something that cannot be undone. */
export interface Question {
  /** What is about to happen, as whole lines, and the word to answer. */
  text: string;
  /** What asks, such as `--reset`. */
  asker: string;
  /** What is said when the answer is no. */
  refused: string;
}

/** Resolves when the answer is yes. Throws when it is no, and when there is no terminal to ask at. */
export async function confirm({ text, asker, refused }: Question, input = process.stdin): Promise<void> {
  if (!input.isTTY) {
    throw new CommandFailed(`${asker} asks first, and there is no terminal to ask at; add --yes.`, exitCodes.usage);
  }
  const terminal = createInterface({ input, output: process.stdout });
  const answer = await terminal.question(`${text} [y/N] `);
  terminal.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new CommandFailed(refused);
}
