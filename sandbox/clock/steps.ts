import type { Account } from '../account.js';
import { cycleSubscription } from '../billing/cycle.js';
import { finalizeWhenDue, retryWhenDue } from '../billing/invoice-steps.js';
import { cancelWhenDue, expireIncomplete, resumeCollection, warnOfTrialEnd } from '../billing/subscription-steps.js';
import { expireSession } from '../resources/checkout-sessions.js';
import type { AgendaKind } from './agenda.js';

/** What each kind of entry in the agenda does when its moment has come. */
export const clockSteps: Partial<Record<AgendaKind, (account: Account, subject: string) => void>> = {
  'checkout.session.expire': expireSession,
  'subscription.incomplete_expire': expireIncomplete,
  'subscription.trial_will_end': warnOfTrialEnd,
  'subscription.cancel': cancelWhenDue,
  'subscription.resume_collection': resumeCollection,
  'subscription.cycle': cycleSubscription,
  'invoice.finalize': finalizeWhenDue,
  'invoice.retry': retryWhenDue,
};
