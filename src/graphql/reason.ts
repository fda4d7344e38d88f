import { Refusal, UserErrorCode } from '../refusal.js';

/** Stripe keeps as much of a description. */
const LONGEST_REASON = 350;

/** How every input field reads that asks staff for their reason. */
export const REASON = { description: `Why, for whoever asks later; at most ${LONGEST_REASON} characters.` } as const;

/** Throws Refusal: INVALID for a reason that says nothing, or too much. */
export function checkReason(reason: string): void {
  const { length } = reason.trim();
  if (length > 0 && length <= LONGEST_REASON) return;
  throw new Refusal(UserErrorCode.INVALID, `A reason has 1 to ${LONGEST_REASON} characters, found ${length}.`, {
    field: ['input', 'reason'],
    hint: 'Say in a sentence why this is done.',
  });
}
