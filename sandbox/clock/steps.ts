import type { Account } from '../account.js';
import { cycleSubscription } from '../billing/cycle.js';
import { finalizeWhenDue, retryWhenDue, voidUnpaidResume } from '../billing/invoice-steps.js';
import { enterPhase, warnOfScheduleEnd } from '../billing/run-schedule.js';
import { pauseAsScheduled, resumeAsScheduled } from '../billing/scheduled-pause.js';
import { cancelWhenDue, expireIncomplete, resumeCollection, warnOfTrialEnd } from '../billing/subscription-steps.js';
import { dropParkedChange } from '../billing/pending-update.js';
import { sendUpcoming } from '../billing/preview-invoice.js';
import { decideDispute } from '../payments/open-disputes.js';
import { settleDebit } from '../checkout/async-payment.js';
import { settleRefund } from '../resources/refunds.js';
import { verifyTaxId } from '../resources/tax-ids.js';
import { expireSession } from '../resources/checkout-sessions.js';
import type { AgendaKind } from './agenda.js';

/** What each kind of entry in the agenda does when its moment has come. */
export const clockSteps: Partial<Record<AgendaKind, (account: Account, subject: string) => void>> = {
  'checkout.session.expire': expireSession,
  'subscription.incomplete_expire': expireIncomplete,
  'subscription.pending_update_expire': dropParkedChange,
  'subscription.trial_will_end': warnOfTrialEnd,
  'subscription.cancel': cancelWhenDue,
  'subscription_schedule.pause': pauseAsScheduled,
  'subscription_schedule.resume': resumeAsScheduled,
  'subscription_schedule.phase': enterPhase,
  'subscription_schedule.expiring': warnOfScheduleEnd,
  'subscription.resume_collection': resumeCollection,
  'subscription.cycle': cycleSubscription,
  'invoice.finalize': finalizeWhenDue,
  'invoice.retry': retryWhenDue,
  'payment.settle': settleDebit,
  'refund.settle': settleRefund,
  'tax_id.verify': verifyTaxId,
  'dispute.decide': decideDispute,
  'invoice.void_unpaid_resume': voidUnpaidResume,
  'invoice.upcoming': sendUpcoming,
};
