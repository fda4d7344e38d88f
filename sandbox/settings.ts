/** What Stripe's public material leaves open, or what an account owner chooses in Stripe's dashboard. */
export interface SandboxSettings {
  /** Days after the first failed attempt of a renewal at which it is tried again. */
  retryDays: number[];
  /** What happens to the subscription when the last retry failed. */
  afterLastRetry: 'cancel' | 'unpaid' | 'past_due';
  /** Hours a renewal invoice stays a draft. */
  draftHours: number;
  /** Hours after which an unpaid first invoice, or a pending update, is given up. */
  incompleteHours: number;
  /** Days after which the bank answers a debit. */
  debitDays: number;
  /** Days before a renewal at which `invoice.upcoming` is sent. */
  upcomingDays: number;
  /** The event that tells that an incomplete subscription has expired. */
  incompleteExpiredEvent: 'customer.subscription.updated' | 'customer.subscription.deleted';
  /** What a declined card in Checkout leaves behind: nothing, or an incomplete subscription with its failed invoice. */
  checkoutDecline: 'no_trace' | 'incomplete_subscription';
  /** Hold the finalisation of an invoice while its `invoice.created` is undelivered, for at most 72 hours. */
  holdFinalization: boolean;
  /** Whether drafts and previews show what credit grants will pay of them, or only finalised invoices do. */
  draftCredits: 'shown' | 'at_finalization';
  /** How an amount between two minor units is rounded. */
  rounding: 'half_up' | 'half_even';
  /** What a flexible subscription does when an item changes its interval and the anchor stays. */
  intervalSwitch: 'align_to_anchor' | 'bill_now';
  /** Default of `trial_settings.end_behavior.missing_payment_method`. */
  missingPaymentMethod: 'create_invoice' | 'pause' | 'cancel';
  /** Status of a schedule whose last phase ended with `end_behavior: release`. */
  scheduleEnd: 'released' | 'completed';
  /** Refuse direct edits of a cancellation while a schedule is attached. */
  scheduleLocksCancellation: boolean;
  /** Whether an off-session 3DS request also sends `invoice.payment_failed`. */
  actionRequiredAlsoFails: boolean;
  /** Statuses that grant entitlements. */
  entitledStatuses: string[];
  /** Cancel the subscription when its payment is disputed. */
  disputeCancels: boolean;
  /** Hours of wall time after which an idempotency key is forgotten. */
  idempotencyHours: number;
  /** Days of wall time after which an idempotency key of a v2 call is forgotten. */
  v2IdempotencyDays: number;
  /** Minutes of wall time for which a meter event session's token is taken. */
  meterSessionMinutes: number;
  /** Wall milliseconds before an attempt at a webhook is given up. */
  webhookTimeoutMs: number;
  /** Wall milliseconds between attempts at a webhook; the last one repeats. */
  webhookBackoffMs: number[];
  /** Attempts at a webhook before it is given up. */
  webhookAttempts: number;
  /** How many invoices a subscription may get by calls before Stripe answers 429; null sets no limit (Stripe: 10 a minute, 20 a day). */
  subscriptionInvoiceLimit: { perMinute: number; perDay: number } | null;
  /** Percent of tax by country of the customer, used where automatic tax is on. */
  taxPercent: Record<string, number>;
  /** Country in which an IP address lies, by the address; used where a customer has no address of its own. */
  countryOfIp: Record<string, string>;
  /** Whether what happens to a recurring price is told by `plan.*` as well. */
  planEvents: boolean;
  /** Whether `customer.updated` tells the currency that the first thing billed to a customer settles. */
  tellsCurrency: boolean;
  /** Whether `event.created` follows a customer's test clock. */
  eventsFollowTestClock: boolean;
  /** Smallest charge by currency; a smaller total moves to the customer's balance. */
  minimumCharge: Record<string, number>;
  /** Whether `cancel_at: ''` and `cancel_at_period_end: false` may come in one call. */
  cancelFieldsTogether: boolean;
}

export const defaultSettings: SandboxSettings = {
  retryDays: [3, 5, 7],
  afterLastRetry: 'cancel',
  draftHours: 1,
  incompleteHours: 23,
  debitDays: 4,
  upcomingDays: 7,
  incompleteExpiredEvent: 'customer.subscription.updated',
  checkoutDecline: 'no_trace',
  holdFinalization: true,
  draftCredits: 'shown',
  rounding: 'half_up',
  intervalSwitch: 'align_to_anchor',
  missingPaymentMethod: 'create_invoice',
  scheduleEnd: 'released',
  scheduleLocksCancellation: true,
  actionRequiredAlsoFails: true,
  entitledStatuses: ['active', 'trialing', 'past_due'],
  disputeCancels: false,
  idempotencyHours: 24,
  v2IdempotencyDays: 30,
  meterSessionMinutes: 15,
  webhookTimeoutMs: 10_000,
  webhookBackoffMs: [1_000, 2_000, 5_000, 15_000, 60_000, 300_000],
  webhookAttempts: 60,
  subscriptionInvoiceLimit: null,
  taxPercent: { US: 8, DE: 19, FR: 20, GB: 20, NL: 21, IE: 23 },
  countryOfIp: { '192.0.2.1': 'US', '198.51.100.1': 'DE' },
  planEvents: true,
  tellsCurrency: true,
  eventsFollowTestClock: true,
  minimumCharge: { usd: 50, eur: 50, gbp: 30, jpy: 50 },
  cancelFieldsTogether: true,
};
