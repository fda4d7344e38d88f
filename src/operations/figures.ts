/** What each label may hold decides how many series there can be; whatever does not fit its form is shown as `other`. */
const words = /^[a-z0-9_-]{1,64}$/i;
const eventType = /^[a-z][a-z0-9_]{0,39}(\.[a-z][a-z0-9_]{0,39}){1,5}$/;
const apiVersion = /^\d{4}-\d{2}-\d{2}(\.[a-z]{1,20})?$/;
const apiCall = /^(GET|POST|DELETE) \/v\d(\/(\{id\}|[a-z_]{1,40})){1,6}$/;
const operation = /^(query|mutation|subscription) [_A-Za-z]\w{0,60}$/;

export type LabelForm = RegExp;

interface Figure {
  kind: 'counter' | 'histogram' | 'gauge';
  meaning: string;
  labels?: Record<string, LabelForm>;
  /** Upper bounds in seconds. */
  buckets?: number[];
}

const quick = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
const slow = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 3_600];

/** Every figure of `/metrics`. The names are a contract: dashboards and alerts of users depend on them. */
export const figures = {
  billing_webhook_received_total: {
    kind: 'counter',
    meaning: 'Deliveries with a good signature, repeated ones included.',
    labels: { type: eventType },
  },
  billing_webhook_queued_total: {
    kind: 'counter',
    meaning: 'Events stored for the first time, of types that are acted on.',
    labels: { type: eventType },
  },
  billing_webhook_duplicate_total: { kind: 'counter', meaning: 'Deliveries of events that were stored before.' },
  billing_webhook_ignored_total: {
    kind: 'counter',
    meaning: 'Events stored for the first time, of types that nothing acts on.',
    labels: { type: eventType },
  },
  billing_webhook_missed_total: {
    kind: 'counter',
    meaning: "Events, of types that are acted on, that Stripe's list of events had before any delivery had come.",
    labels: { type: eventType },
  },
  billing_reconcile_run_total: {
    kind: 'counter',
    meaning: "Readings of Stripe's list of events: done or failed. One instance at a time reads it.",
    labels: { result: words },
  },
  billing_drift_total: {
    kind: 'counter',
    meaning: 'Objects that had changed at Stripe without any event that names them; found and repaired by a look.',
    labels: { object: words },
  },
  billing_webhook_invalid_signature_total: {
    kind: 'counter',
    meaning: 'Deliveries that were refused, by what was wrong with them.',
    labels: { reason: words },
  },
  billing_webhook_refusal_alerts_total: {
    kind: 'counter',
    meaning: 'Times that more than ten deliveries were refused within five minutes.',
  },
  billing_webhook_other_version_total: {
    kind: 'counter',
    meaning: 'Deliveries in another API version than the pinned one; they are taken in.',
    labels: { version: apiVersion },
  },
  billing_webhook_processed_total: {
    kind: 'counter',
    meaning: 'Events whose round ended well.',
    labels: { type: eventType },
  },
  billing_webhook_failed_total: {
    kind: 'counter',
    meaning: 'Rounds that did not finish an event: transient and permanent failures, stale answers, unknown customers.',
    labels: { type: eventType, class: words },
  },
  billing_webhook_dead_total: { kind: 'counter', meaning: 'Events given up; each needs an operator.' },
  billing_webhook_latency_seconds: {
    kind: 'histogram',
    meaning: 'From the delivery of an event to the end of its round.',
    labels: { type: eventType },
    buckets: slow,
  },
  billing_webhook_slow_total: {
    kind: 'counter',
    meaning: 'Events that took more than five seconds from their delivery to the end of their round.',
    labels: { type: eventType },
  },
  billing_webhook_late_total: {
    kind: 'counter',
    meaning: 'Events that were applied after one of their subject that Stripe made in a later second; harmless.',
    labels: { type: eventType },
  },
  billing_inbox_oldest_pending_seconds: {
    kind: 'gauge',
    meaning:
      'How long the oldest event has waited whose turn it is, since its delivery, its replay or the time of its next try; 0 when none waits. Read when asked for.',
  },
  billing_second_customer_total: {
    kind: 'counter',
    meaning: 'Looks at a customer who claims an account that has another live one; an operator must decide.',
  },
  billing_second_subscription_total: {
    kind: 'counter',
    meaning:
      'Subscriptions that became live beside another of their account; all are charged, so an operator must decide.',
  },
  billing_unmapped_subscription_total: {
    kind: 'counter',
    meaning:
      'Live subscriptions that were seen on a price which the catalogue does not know; they keep the plan they had.',
  },
  billing_stale_fetch_total: {
    kind: 'counter',
    meaning: "Events that Stripe's answers denied to the end; its answer stands.",
  },
  billing_lease_steals_total: { kind: 'counter', meaning: 'Rounds that took over from a worker whose lease ran out.' },
  billing_fence_rejected_total: { kind: 'counter', meaning: 'Writes refused because another worker had gone on.' },
  billing_version_backward_total: {
    kind: 'counter',
    meaning: 'Reads that showed an account at an older revision than was already told; must stay 0.',
  },
  billing_checkout_completed_total: { kind: 'counter', meaning: 'Checkouts that ended with a purchase.' },
  billing_subscription_event_total: {
    kind: 'counter',
    meaning:
      'Steps in the life of subscriptions: created, canceled, renewed, cancellation_set, cancellation_undone, and each status they came into.',
    labels: { kind: words },
  },
  billing_plan_changed_total: {
    kind: 'counter',
    meaning: 'Subscriptions that went from one plan to another.',
    labels: { from: words, to: words },
  },
  billing_preview_total: {
    kind: 'counter',
    meaning: 'Changes that were shown before they were made, by what they are.',
    labels: { kind: words },
  },
  billing_change_total: {
    kind: 'counter',
    meaning: 'Changes of plan that were asked for and not refused, by what they are and how they ended.',
    labels: { kind: words, outcome: words },
  },
  billing_change_error_total: {
    kind: 'counter',
    meaning: 'Changes of plan that were refused or failed, by the code of the error.',
    labels: { code: words },
  },
  billing_proration_minor_total: {
    kind: 'counter',
    meaning:
      'Sum of the prorations of changes, in minor units: what was charged for the rest of periods, and what was credited.',
    labels: { currency: words, direction: words },
  },
  billing_downgrade_scheduled_total: { kind: 'counter', meaning: 'Changes that were booked for the end of a period.' },
  billing_downgrade_applied_total: { kind: 'counter', meaning: 'Booked changes that the end of a period has made.' },
  billing_invoice_total: {
    kind: 'counter',
    meaning: 'Invoices that were paid, attempts to pay one that failed, and payments that the customer must confirm.',
    labels: { outcome: words },
  },
  billing_catalog_sync_total: {
    kind: 'counter',
    meaning: 'Looks at a product: changed, unchanged or failed.',
    labels: { result: words },
  },
  billing_catalog_product_failed_total: {
    kind: 'counter',
    meaning: 'Products that could not become a plan, by what is wrong with them.',
    labels: { reason: words },
  },
  billing_mail_sent_total: {
    kind: 'counter',
    meaning: 'Mails that the mail server has accepted.',
    labels: { kind: words },
  },
  billing_job_total: {
    kind: 'counter',
    meaning: 'Jobs that ended: done, failed or canceled. One at a time runs, so each is counted by one gateway.',
    labels: { kind: words, state: words },
  },
  billing_stripe_request_seconds: {
    kind: 'histogram',
    meaning:
      "Calls to Stripe that were answered, with their waits and repetitions, by the call with its ids left out, and by the answer's status.",
    labels: { method: apiCall, status: /^\d{3}$/ },
    buckets: quick,
  },
  billing_stripe_budget_wait_seconds: {
    kind: 'histogram',
    meaning: "How long calls to Stripe waited for their turn in the gateway's own rate budget.",
    buckets: quick,
  },
  billing_stripe_repeated_total: {
    kind: 'counter',
    meaning: 'Attempts that repeated a call to Stripe under its key, by the status before, or `network`.',
    labels: { reason: words },
  },
  billing_stripe_not_asked_total: {
    kind: 'counter',
    meaning: 'Calls to Stripe that were refused here: by the `breaker`, or for want of `budget`.',
    labels: { reason: words },
  },
  billing_stripe_breaker_open: {
    kind: 'gauge',
    meaning: '1 while Stripe is left alone because it did not answer; 0 otherwise.',
  },
  billing_live_sockets: { kind: 'gauge', meaning: 'Sockets open at this gateway.' },
  billing_live_lag_seconds: {
    kind: 'histogram',
    meaning: 'From a change to its hand-over to the streams that watch it.',
    buckets: quick,
  },
  billing_graphql_request_seconds: {
    kind: 'histogram',
    meaning: 'Documents that ran, by kind and root field; `several` when a document has more than one root field.',
    labels: { operation },
    buckets: quick,
  },
  billing_graphql_errors_total: {
    kind: 'counter',
    meaning: 'Errors in the answers, by their code.',
    labels: { code: words },
  },
} as const satisfies Record<string, Figure>;

type Figures = typeof figures;
type NameOf<Kind extends Figure['kind']> = {
  [Name in keyof Figures]: Figures[Name]['kind'] extends Kind ? Name : never;
}[keyof Figures];
export type CounterName = NameOf<'counter'>;
export type HistogramName = NameOf<'histogram'>;
export type GaugeName = NameOf<'gauge'>;
type LabelsOf<Name extends keyof Figures> = Figures[Name] extends { labels: infer Labels }
  ? [labels: Record<keyof Labels, string>]
  : [];

/** Where the rooms report what happens. Calls never fail and never wait. */
export interface Metrics {
  count<Name extends CounterName>(name: Name, ...labels: LabelsOf<Name>): void;
  /** Counts as many at once, such as an amount. */
  add<Name extends CounterName>(name: Name, amount: number, ...labels: LabelsOf<Name>): void;
  observe<Name extends HistogramName>(name: Name, seconds: number, ...labels: LabelsOf<Name>): void;
  /** Begins to time; what it returns observes the time since, once. */
  start<Name extends HistogramName>(name: Name): (...labels: LabelsOf<Name>) => void;
}

/** For what runs without anybody looking: command line, tests. */
export const silentMetrics: Metrics = { count() {}, add() {}, observe() {}, start: () => () => {} };
