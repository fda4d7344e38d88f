import Stripe from 'stripe';
import { BillingError } from '../errors.js';
import { isTransient } from '../stripe/errors.js';
import type { Job } from './job.entity.js';

export const isOfStripe = (thrown: unknown): thrown is InstanceType<typeof Stripe.errors.StripeError> =>
  thrown instanceof Stripe.errors.StripeError;

/** Why a job failed and what to do, for staff; what only the log may know is left to it. */
export function explainFailure(thrown: unknown, { id }: Pick<Job, 'id'>): string {
  if (thrown instanceof BillingError) return [thrown.message, thrown.hint ?? 'Ask for it again.'].join(' ');
  if (!isOfStripe(thrown))
    return `Something went wrong inside the gateway. Its log tells of ${id}; ask for it again once that is mended.`;
  if (isTransient(thrown)) return `Stripe did not answer: ${thrown.message} Ask for it again once it does.`;
  return `Stripe refused: ${thrown.message} \`billing doctor\` looks at the key and what it may do.`;
}
