import { badUserInput } from '../errors.js';
import type { Context } from './context.js';
import type { Loaders } from './loaders.js';

/** What a request has asked Stripe, by what was asked; the loaders live as long as a request, or as one pushed state. */
const questions = new WeakMap<Loaders, { what: string; answer: Promise<unknown> }>();

/**
 * Reads come from what is stored; the few that ask Stripe do so once a request, whatever it repeats. The same question
 * gets the same answer; another one is refused, so that one document cannot use up what everybody may ask. Throws
 * BAD_USER_INPUT.
 */
export async function askStripe<Answer>(
  { loaders }: Pick<Context, 'loaders'>,
  what: string,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  const asked = questions.get(loaders);
  if (asked?.what === what) return asked.answer as Promise<Answer>;
  if (asked) {
    throw badUserInput(
      'One request asks Stripe for one thing at most, and this one asks for more.',
      'Send previewChange, upcomingInvoice and checkPromotionCode as requests of their own.',
    );
  }
  const answer = ask();
  questions.set(loaders, { what, answer });
  return answer;
}
