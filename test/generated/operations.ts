// Generated from schema/operations by `npm run codegen`; change those, not this file.
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
/** Values may be added in minor releases; treat an unknown one as OTHER. */
export type UserErrorCode =
  /** Anything without a code of its own. */
  | 'OTHER'
  /** An input cannot be used as it is. */
  | 'INVALID'
  /** What the input names is not there. */
  | 'NOT_FOUND'
  /** The plan is not on sale for this interval and currency. */
  | 'PLAN_NOT_AVAILABLE'
  /** The price is in another currency than the subscription. */
  | 'PRICE_CURRENCY_MISMATCH'
  /** So many seats cannot be bought. */
  | 'QUANTITY_OUT_OF_RANGE'
  /** There is a subscription already; change that one. */
  | 'ALREADY_SUBSCRIBED'
  /** There is no subscription to do this to. */
  | 'NO_SUBSCRIPTION'
  /** The subscription is over; start a new one. */
  | 'SUBSCRIPTION_ENDED'
  /** The subscription is paused; resume it first. */
  | 'SUBSCRIPTION_PAUSED'
  /** A change that is booked stands in the way. */
  | 'CHANGE_ALREADY_PENDING'
  /** There is nothing to take back. */
  | 'NOTHING_PENDING'
  /** The preview is older than ten minutes. */
  | 'PREVIEW_EXPIRED'
  /** The preview no longer matches; a fresh one is attached. */
  | 'PREVIEW_OUTDATED'
  /** There is no payment method to charge. */
  | 'PAYMENT_METHOD_REQUIRED'
  /** A payment is overdue and comes first. */
  | 'PAYMENT_OVERDUE'
  /** A live subscription is charged to it. */
  | 'PAYMENT_METHOD_IN_USE'
  /** The bank refused the card. */
  | 'CARD_DECLINED'
  /** The invoice is a draft, or nothing is due on it. */
  | 'INVOICE_NOT_PAYABLE'
  /** The promotion code cannot be used; the message says why. */
  | 'PROMOTION_CODE_INVALID'
  /** Taxes need a billing address, and none is known. */
  | 'ADDRESS_REQUIRED_FOR_TAX'
  /** The tax id is not valid for its kind. */
  | 'TAX_ID_INVALID'
  /** The address is on none of the allowed origins. */
  | 'RETURN_URL_NOT_ALLOWED'
  /** The key was used with another input. */
  | 'IDEMPOTENCY_KEY_REUSED'
  /** Somebody else changed the account meanwhile, or another request for it is still under way; then try again in a moment. */
  | 'CONFLICT'
  /** An earlier request with the same key is still running. */
  | 'IN_PROGRESS'
  /** Too many accepted changes in a short time; wait for retryAfterMs. */
  | 'TOO_MANY_CHANGES'
  /** More would be used than is granted, or is used than would be. */
  | 'USAGE_OVER_LIMIT'
  /** Nothing in the catalogue grants such a feature. */
  | 'FEATURE_UNKNOWN'
  /** The account may not use the product now; see its access. */
  | 'NO_ACCESS';

/** What a change is, seen from the plan ladder. */
export type ChangeKind =
  /** A first subscription. */
  | 'NEW'
  /** To a plan that ranks higher. */
  | 'UPGRADE'
  /** To a plan that ranks lower, or to the free one. */
  | 'DOWNGRADE'
  /** The same plan, paid for more or less often. */
  | 'INTERVAL_CHANGE'
  /** The same plan with more or fewer seats or add-ons; the fields of both sides say which. */
  | 'SEATS_ONLY'
  /** To another plan of the same rank, or to another price of the same plan. */
  | 'CROSSGRADE'
  /** Takes back a cancellation or a change that has not happened yet. */
  | 'REACTIVATION'
  /** Nothing would change. */
  | 'NO_OP';

/** When a change takes effect. */
export type ChangeTiming =
  /** At once. */
  | 'NOW'
  /** At the end of the period that is paid for. */
  | 'PERIOD_END';

/** What a notice or a blocker is about. Values may be added; treat an unknown one as OTHER. */
export type ChangeNoticeCode =
  /** A feature is lost, or its limit is lowered. */
  | 'FEATURE_LOST'
  /** More is used than the new plan grants. */
  | 'USAGE_ABOVE_NEW_LIMIT'
  /** The new plan is not sold with as many seats. */
  | 'SEATS_ABOVE_NEW_LIMIT'
  /** The new plan is not sold with as few seats, or in these steps. */
  | 'SEATS_DO_NOT_FIT'
  /** The trial goes on, and what it costs after its end changes. */
  | 'TRIAL_WILL_END'
  /** A change that is booked or waits is dropped first. */
  | 'PENDING_CHANGE_REPLACED'
  /** A subscription keeps its currency. */
  | 'CURRENCY_LOCKED'
  /** There is nothing to charge. */
  | 'PAYMENT_METHOD_REQUIRED'
  /** An earlier payment comes first. */
  | 'PAYMENT_OVERDUE'
  /** The subscription is paused; resuming it comes first. */
  | 'SUBSCRIPTION_PAUSED'
  /** The present price is not in the catalogue. */
  | 'UNMAPPED_PRICE'
  /** A discount is for one invoice only, or ends within the first whole period after the change. */
  | 'DISCOUNT_WILL_END'
  /** The present plan or price is sold no more, so there is no way back. */
  | 'PLAN_NOT_ON_SALE'
  /** A cancellation stands and is taken back first. */
  | 'CANCELLATION_PENDING'
  /** Anything else; the message says it. */
  | 'OTHER';

/** What would fix the situation; maps to a button. */
export type Remedy =
  /** Nothing to do. */
  | 'NONE'
  /** Show the plans. */
  | 'CHOOSE_PLAN'
  /** Ask for a card. */
  | 'ADD_PAYMENT_METHOD'
  /** Ask for another card. */
  | 'UPDATE_PAYMENT_METHOD'
  /** Pay the subscription's newest invoice, its `latestInvoice`. */
  | 'PAY_INVOICE'
  /** Take the cancellation back. */
  | 'REACTIVATE'
  /** End the pause. */
  | 'RESUME'
  /** Talk to support. */
  | 'CONTACT_SUPPORT';

/** Why no more of a feature may be used. Values may be added. */
export type EntitlementDeniedReason =
  /** Nothing in the catalogue grants such a feature. */
  | 'FEATURE_UNKNOWN'
  /** The product may not be used now; see access. */
  | 'NO_ACCESS'
  /** Neither the plan nor an add-on grants it. */
  | 'NOT_IN_PLAN'
  /** So many more would pass the limit. */
  | 'LIMIT_REACHED';

/** How much of the product may be used. */
export type AccessLevel =
  /** All that the plan grants. */
  | 'FULL'
  /** Only what the free plan grants. */
  | 'LIMITED'
  /** Looking, not changing. */
  | 'READ_ONLY'
  /** Nothing. */
  | 'NONE';

/** Why access is as it is. Values may be added. */
export type AccessReason =
  /** The subscription is active. */
  | 'ACTIVE'
  /** In a free trial. */
  | 'TRIALING'
  /** No subscription; the free plan applies. */
  | 'FREE_PLAN'
  /** A payment failed, and access goes on for a while. */
  | 'GRACE_PERIOD'
  /** Canceled, and paid until its end. */
  | 'CANCELED_BUT_PAID'
  /** The first payment has not come in. */
  | 'FIRST_PAYMENT_PENDING'
  /** A payment is overdue. */
  | 'PAYMENT_OVERDUE'
  /** On hold. */
  | 'PAUSED'
  /** Over. */
  | 'CANCELED'
  /** A status that this version does not know. */
  | 'OTHER';

/** Where an invoice stands. */
export type InvoiceStatus =
  /** Not final; may still change. */
  | 'DRAFT'
  /** Final and waiting for payment. */
  | 'OPEN'
  /** Paid. */
  | 'PAID'
  /** Given up, but still payable. */
  | 'UNCOLLECTIBLE'
  /** Taken back; nothing is due. */
  | 'VOID'
  /** A word the gateway does not know; see `statusRaw`. */
  | 'UNRECOGNIZED';

/** How often a price recurs. */
export type BillingInterval =
  /** Every day. */
  | 'DAY'
  /** Every week. */
  | 'WEEK'
  /** Every month. */
  | 'MONTH'
  /** Every year. */
  | 'YEAR'
  /** Once. */
  | 'ONE_TIME';

/** The gateway's own list. A value of Stripe's that the gateway does not know yet becomes UNRECOGNIZED and stays readable in `statusRaw`. */
export type SubscriptionStatus =
  /** Waiting for its first payment. */
  | 'INCOMPLETE'
  /** The first payment never came; over. */
  | 'INCOMPLETE_EXPIRED'
  /** In a free trial. */
  | 'TRIALING'
  /** In good standing. */
  | 'ACTIVE'
  /** A payment failed and is tried again. */
  | 'PAST_DUE'
  /** All tries failed; Stripe collects no more. */
  | 'UNPAID'
  /** On hold: no invoices, no new periods. */
  | 'PAUSED'
  /** Over. */
  | 'CANCELED'
  /** A word the gateway does not know; see `statusRaw`. */
  | 'UNRECOGNIZED';

/** What sort of thing the customer must do. */
export type PaymentActionKind =
  /** The bank asks her to confirm the payment (3-D Secure). */
  | 'CONFIRM_PAYMENT'
  /** The bank asks her to confirm the card before it can be stored. */
  | 'CONFIRM_SETUP'
  /** The stored way to pay was refused; another one is needed. */
  | 'NEW_PAYMENT_METHOD'
  /** Pay on Stripe's page. */
  | 'PAY_HOSTED_INVOICE'
  /** Something the gateway does not know yet; the hosted page knows. */
  | 'UNRECOGNIZED';

/** How a change that has not happened yet stands. */
export type PendingChangeState =
  /** Booked for a moment. */
  | 'SCHEDULED'
  /** Happens once its invoice is paid, or not at all. */
  | 'AWAITING_PAYMENT';

/** What the authority said about a tax id. */
export type TaxIdVerification =
  /** It has been asked. */
  | 'PENDING'
  /** It knows the id. */
  | 'VERIFIED'
  /** It does not know the id. */
  | 'UNVERIFIED'
  /** Ids of this kind are not verified. */
  | 'UNAVAILABLE'
  /** A word the gateway does not know yet. */
  | 'UNRECOGNIZED';

/** Where a checkout stands. */
export type CheckoutStatus =
  /** Waiting for the customer. */
  | 'OPEN'
  /** Paid, or nothing was due. */
  | 'COMPLETE'
  /** Given up; start another. */
  | 'EXPIRED'
  /** A word the gateway does not know yet. */
  | 'UNRECOGNIZED';

/** What sort of payment method it is. */
export type PaymentMethodKind =
  /** A credit or debit card. */
  | 'CARD'
  /** A bank account that is debited; payments take days to settle. */
  | 'BANK_DEBIT'
  /** A wallet such as PayPal. */
  | 'WALLET'
  /** Stripe's own wallet. */
  | 'LINK'
  /** Anything else; see `kindRaw`. */
  | 'OTHER';

/** Where a job stands. */
export type JobState =
  /** It waits for its turn: one job runs at a time. */
  | 'QUEUED'
  /** A gateway works at it; where that one dies, another goes on within a minute. */
  | 'RUNNING'
  /** All of it is done. */
  | 'DONE'
  /** It ended before all was done, or some of it could not be; its error says why. */
  | 'FAILED'
  /** Somebody stopped it; what was done stays. */
  | 'CANCELED';

/** What became of an event; every state but PENDING is an end, which a replay takes back. */
export type WebhookEventState =
  /** It waits for its turn, or is tried again. */
  | 'PENDING'
  /** What it tells is stored. */
  | 'DONE'
  /** Nobody acts on its type. */
  | 'IGNORED'
  /** No account is known for its customer; link her. */
  | 'UNMATCHED'
  /** It was given up; its error says why. */
  | 'DEAD'
  /** Somebody laid it aside; its error is the reason that was given. */
  | 'DISCARDED';

/** What to change to. */
export type PreviewChangeInput = {
  /** Id of the account, or your own id for it. One of the token's when not given: the one that the X-Billing-Account header names, or else the first. Your backend names any. */
  account?: string | number | null | undefined;
  /** Main subscription of the viewer when not given. */
  subscription?: string | number | null | undefined;
  /** Plan key, such as team. */
  plan: string;
  /** How often to pay; without meaning for the free plan. With the present plan, the interval of the present price keeps that price, also an old one and one that is paid for every few months. */
  interval: BillingInterval;
  /** The subscription's own when not given; it cannot change. */
  currency?: string | null | undefined;
  /** As many as now when not given. */
  seats?: number | null | undefined;
  /** All add-ons as they are to be, an empty list for none; as now when not given. */
  addOns?: Array<AddOnInput> | null | undefined;
  /** A code to take off from this change on; checking it costs one more call to Stripe. */
  promotionCode?: string | null | undefined;
  /** Let the rules decide when not given: what costs more now, what costs less at period end. */
  timing?: ChangeTiming | null | undefined;
};

/** An add-on, and how many of it. */
export type AddOnInput = {
  /** Key of the add-on. */
  addOn: string;
  /** How many. */
  quantity?: number;
};

/** Something that was used, or is about to be. */
export type RecordUsageInput = {
  /** Id of the account, or your own id for it. One of the token's when not given: the one that the X-Billing-Account header names, or else the first. Your backend names any. */
  account?: string | number | null | undefined;
  /** Key of a feature of the kind LIMIT or METERED, such as members-per-team. */
  feature: string;
  /** How many; below zero to give back what was used of a LIMIT. */
  quantity?: number;
  /** Makes it count once for its account, however often it is sent. What was refused may be sent again. */
  idempotencyKey: string | number;
  /** Refuse what would pass a hard limit. False counts what has happened already, whatever the limit. */
  enforceLimit?: boolean;
};

/** A field left out stays; an explicit null clears it. */
export type UpdateBillingDetailsInput = {
  /** Id of the account, or your own id for it. One of the token's when not given: the one that the X-Billing-Account header names, or else the first. Your backend names any. */
  account?: string | number | null | undefined;
  /** Name shown on invoices, at most 256 characters. */
  name?: string | null | undefined;
  /** Where invoices go. */
  email?: string | null | undefined;
  /** Telephone number, at most 20 characters. */
  phone?: string | null | undefined;
  /** Language of invoices and mails. */
  locale?: string | null | undefined;
  /** Billing address; replaces the former one whole. */
  address?: AddressInput | null | undefined;
};

/** A whole billing address: a part that is left out is empty. */
export type AddressInput = {
  /** Street and number. */
  line1?: string | null | undefined;
  /** Floor, apartment, building. */
  line2?: string | null | undefined;
  /** City, town or village. */
  city?: string | null | undefined;
  /** State, county or province. */
  state?: string | null | undefined;
  /** Postal code. */
  postalCode?: string | null | undefined;
  /** Country. */
  country: string;
};

/** How a mutation ended. */
export type Outcome =
  /** Done and visible in the returned object. */
  | 'APPLIED'
  /** Booked for later, and visible in the returned object. */
  | 'SCHEDULED'
  /** Waits for the customer; see paymentAction. */
  | 'ACTION_REQUIRED'
  /** Sent to Stripe; the result will come as a push. */
  | 'PROCESSING'
  /** Nothing to do. */
  | 'NO_OP'
  /** See userErrors. */
  | 'REJECTED';

/** Which events to apply once more, and why: ids, or a filter. */
export type AdminReplayInput = {
  /** Stripe's ids of up to 500 events (evt_…); what never arrived is fetched from Stripe. */
  ids?: Array<string | number> | null | undefined;
  /** All that fit, of those that came in before it is asked for; at least one of its fields. */
  filter?: WebhookEventFilter | null | undefined;
  /** Only asks Stripe, and tells in the job's log what would change. */
  dryRun?: boolean;
  /** Why, for whoever asks later; at most 350 characters. */
  reason: string;
  /** The same key with the same input returns the first answer, for 24 hours. Over HTTP the Idempotency-Key header does the same. */
  idempotencyKey?: string | number | null | undefined;
};

/** Which events of Stripe are wanted; what is left out wants all. */
export type WebhookEventFilter = {
  /** Only those in one of these states. */
  states?: Array<WebhookEventState> | null | undefined;
  /** Only those of one of these types, such as `invoice.paid`. */
  types?: Array<string> | null | undefined;
  /** Only those of this account, by your own id. */
  account?: string | number | null | undefined;
  /** Only those that came in at this time or later. */
  from?: string | null | undefined;
  /** Only those that came in before this time. */
  to?: string | null | undefined;
};

/** The page of Stripe's portal to begin with. */
export type PortalFlow =
  /** The first page. */
  | 'HOME'
  /** Give another payment method. */
  | 'PAYMENT_METHOD'
  /** Cancel the main subscription. */
  | 'CANCEL'
  /** Change the plan of the main subscription. */
  | 'CHANGE_PLAN'
  /** The first page, where past invoices are listed. */
  | 'INVOICES';

/** Give the token of a preview (best), or the target itself. */
export type ChangePlanInput = {
  /** Id of the account, or your own id for it. One of the token's when not given: the one that the X-Billing-Account header names, or else the first. Your backend names any. */
  account?: string | number | null | undefined;
  /** The main one when not given. */
  subscription?: string | number | null | undefined;
  /** Refuse with CONFLICT when the account has moved on. */
  expectedRevision?: number | null | undefined;
  /** The same key with the same input returns the first answer, for 24 hours. Over HTTP the Idempotency-Key header does the same. */
  idempotencyKey?: string | number | null | undefined;
  /** Of a preview, at most ten minutes old: charges what it showed. What else is given must say the same. */
  previewToken?: string | null | undefined;
  /** Plan key; the present plan when not given. */
  plan?: string | null | undefined;
  /** How often to pay; as now when not given, or when it is the interval of the present price. */
  interval?: BillingInterval | null | undefined;
  /** As many as now when not given. */
  seats?: number | null | undefined;
  /** All add-ons as they are to be, an empty list for none; as now when not given. */
  addOns?: Array<AddOnInput> | null | undefined;
  /** A code to take off from this change on; it is checked first. */
  promotionCode?: string | null | undefined;
  /** Let the rules decide when not given: what costs more now, what costs less at period end. */
  timing?: ChangeTiming | null | undefined;
};

/** What a message of a live stream is. */
export type StreamKind =
  /** The full state now; the first message. */
  | 'SNAPSHOT'
  /** A newer state; those between may have been skipped. */
  | 'CHANGED'
  /** The cursor is unknown: forget what you hold, here is the full state. */
  | 'RESYNC';

export type AccessQueryVariables = Exact<{ [key: string]: never; }>;


export type AccessQuery = { viewer: { account: { access: { allowed: boolean, level: AccessLevel, reason: AccessReason, until: string | null, message: string, remedy: Remedy } } | null } | null };

export type AccountUpdatedSubscriptionVariables = Exact<{
  after?: string | number | null | undefined;
}>;


export type AccountUpdatedSubscription = { accountUpdated: { kind: StreamKind, cursor: string, revision: number, entries: Array<{ title: string }>, account: { plan: { key: string }, subscription: { status: SubscriptionStatus } | null, access: { allowed: boolean, reason: AccessReason } } } };

export type AddTaxIdMutationVariables = Exact<{
  type?: string;
  value: string;
}>;


export type AddTaxIdMutation = { addTaxId: { account: { taxIds: Array<{ id: string, type: string, value: string, verification: TaxIdVerification }> } | null, userErrors: Array<
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
    > } };

export type BillingPageQueryVariables = Exact<{ [key: string]: never; }>;


export type BillingPageQuery = { viewer: { account: { id: string, externalId: string, revision: number, plan: { key: string, name: string }, subscription: { id: string, status: SubscriptionStatus, plan: { key: string } | null, currentPeriod: { start: string, end: string } | null, cancellation: { effectiveAt: string, canUndo: boolean } | null } | null, access: { allowed: boolean, level: AccessLevel, reason: AccessReason, until: string | null, message: string }, invoices: { nodes: Array<{ id: string, number: string | null, status: InvoiceStatus, createdAt: string, total: { formatted: string } }> }, timeline: { nodes: Array<{ at: string, title: string }> } } | null } | null };

export type CancelSubscriptionMutationVariables = Exact<{ [key: string]: never; }>;


export type CancelSubscriptionMutation = { cancelSubscription: { outcome: Outcome, subscription: { id: string, status: SubscriptionStatus, cancellation: { effectiveAt: string, canUndo: boolean } | null } | null, userErrors: Array<
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
    > } };

export type ChangePlanMutationVariables = Exact<{
  input: ChangePlanInput;
}>;


export type ChangePlanMutation = { changePlan: { outcome: Outcome, subscription: { id: string, plan: { key: string } | null, pendingChange: { state: PendingChangeState, toSeats: number, effectiveAt: string | null, expiresAt: string | null, toPlan: { key: string } | null, toAddOns: Array<{ quantity: number | null, addOn: { key: string } }> } | null } | null, paymentAction: { kind: PaymentActionKind, clientSecret: string | null, hostedUrl: string | null } | null, userErrors: Array<
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
      | { retryAfterMs: number, code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null, freshPreview: { token: string, amountDueNow: { formatted: string } } | null }
    > } };

export type CheckAccessQueryVariables = Exact<{
  feature: string;
  quantity?: number | null | undefined;
}>;


export type CheckAccessQuery = { checkAccess: { allowed: boolean, access: { reason: AccessReason, message: string }, entitlement: { limit: number | null, used: number | null, remaining: number | null, overBy: number | null, resetsAt: string | null, deniedReason: EntitlementDeniedReason | null, remedy: Remedy, unlockedBy: { key: string, name: string } | null } | null } | null };

export type CheckoutUpdatedSubscriptionVariables = Exact<{
  session: string | number;
}>;


export type CheckoutUpdatedSubscription = { checkoutUpdated: { kind: StreamKind, session: { id: string, status: CheckoutStatus, subscription: { id: string, status: SubscriptionStatus } | null } } };

export type CreateCheckoutSessionMutationVariables = Exact<{
  plan?: string;
  interval?: BillingInterval;
}>;


export type CreateCheckoutSessionMutation = { createCheckoutSession: { session: { id: string, status: CheckoutStatus, url: string | null, expiresAt: string } | null, userErrors: Array<
      | { code: UserErrorCode, message: string, field: Array<string> | null, hint: string | null }
      | { code: UserErrorCode, message: string, field: Array<string> | null, hint: string | null }
      | { code: UserErrorCode, message: string, field: Array<string> | null, hint: string | null }
      | { code: UserErrorCode, message: string, field: Array<string> | null, hint: string | null }
      | { code: UserErrorCode, message: string, field: Array<string> | null, hint: string | null }
      | { code: UserErrorCode, message: string, field: Array<string> | null, hint: string | null }
      | { code: UserErrorCode, message: string, field: Array<string> | null, hint: string | null }
    > } };

export type CreatePortalSessionMutationVariables = Exact<{
  flow?: PortalFlow;
  returnUrl?: string;
}>;


export type CreatePortalSessionMutation = { createPortalSession: { session: { url: string } | null, userErrors: Array<
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
    > } };

export type CreateSetupIntentMutationVariables = Exact<{ [key: string]: never; }>;


export type CreateSetupIntentMutation = { createSetupIntent: { clientSecret: string | null, publishableKey: string | null, userErrors: Array<
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
    > } };

export type EntitlementUpdatedSubscriptionVariables = Exact<{
  feature?: string;
  after?: string | number | null | undefined;
}>;


export type EntitlementUpdatedSubscription = { entitlementUpdated: { kind: StreamKind, cursor: string, revision: number, entitlement: { used: number | null, limit: number | null, remaining: number | null, usedPercent: number | null, overBy: number | null, resetsAt: string | null, feature: { id: string, name: string, unit: string | null } } } };

export type InvoiceQueryVariables = Exact<{
  id: string | number;
}>;


export type InvoiceQuery = { invoice: { id: string, number: string | null, status: InvoiceStatus, createdAt: string, paidAt: string | null, hostedUrl: string | null, pdfUrl: string | null, paymentMethod: { label: string } | null, paymentAttempts: Array<{ at: string, succeeded: boolean, message: string | null }>, paymentAction: { kind: PaymentActionKind, hostedUrl: string | null } | null, lines: { nodes: Array<{ description: string, amount: { formatted: string } }> }, total: { formatted: string }, amountDue: { formatted: string } } | null };

export type JobUpdatedSubscriptionVariables = Exact<{
  job: string | number;
}>;


export type JobUpdatedSubscription = { jobUpdated: { kind: StreamKind, job: { id: string, kind: string, state: JobState, done: number, total: number | null, percent: number | null, etaSeconds: number | null, summary: string | null, error: string | null, log: Array<string> } } };

export type PayInvoiceMutationVariables = Exact<{
  invoice: string | number;
  paymentMethod?: string | number | null | undefined;
}>;


export type PayInvoiceMutation = { payInvoice: { outcome: Outcome, invoice: { id: string, status: InvoiceStatus } | null, paymentAction: { kind: PaymentActionKind, clientSecret: string | null, hostedUrl: string | null } | null, userErrors: Array<
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
      | { declineCode: string | null, retryable: boolean, code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
    > } };

export type PaymentMethodsQueryVariables = Exact<{ [key: string]: never; }>;


export type PaymentMethodsQuery = { viewer: { account: { defaultPaymentMethod: { id: string, label: string } | null, paymentMethods: { nodes: Array<{ id: string, kind: PaymentMethodKind, label: string, expMonth: number | null, expYear: number | null, expiresSoon: boolean, isDefault: boolean }> } } | null } | null };

export type PlansQueryVariables = Exact<{ [key: string]: never; }>;


export type PlansQuery = { plans: Array<{ key: string, name: string, description: string | null, highlights: Array<string>, free: boolean, prices: Array<{ id: string, interval: BillingInterval, unit: { formatted: string } | null }> }> };

export type PreviewChangeQueryVariables = Exact<{
  input: PreviewChangeInput;
}>;


export type PreviewChangeQuery = { previewChange: { preview: { token: string, expiresAt: string, kind: ChangeKind, timing: ChangeTiming, effectiveAt: string, allowed: boolean, summary: string, blockers: Array<{ code: ChangeNoticeCode, message: string, remedy: Remedy }>, notices: Array<{ code: ChangeNoticeCode, message: string }>, lines: Array<{ description: string, amount: { formatted: string } }>, amountDueNow: { minor: number, formatted: string }, recurringAfter: { formatted: string } | null } | null, userErrors: Array<
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
    > } | null };

export type ReactivateSubscriptionMutationVariables = Exact<{ [key: string]: never; }>;


export type ReactivateSubscriptionMutation = { reactivateSubscription: { outcome: Outcome, subscription: { id: string, status: SubscriptionStatus, cancellation: { effectiveAt: string } | null } | null, userErrors: Array<
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
    > } };

export type RecordUsageMutationVariables = Exact<{
  input: RecordUsageInput;
}>;


export type RecordUsageMutation = { recordUsage: { accepted: boolean, duplicate: boolean, entitlement: { used: number | null, limit: number | null, remaining: number | null, overBy: number | null } | null, userErrors: Array<
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
      | { limit: number, used: number, asked: number, code: UserErrorCode, message: string, hint: string | null, unlockedBy: { key: string } | null }
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
    > } };

export type RemovePaymentMethodMutationVariables = Exact<{
  id: string | number;
}>;


export type RemovePaymentMethodMutation = { removePaymentMethod: { account: { paymentMethods: { nodes: Array<{ id: string, label: string }> } } | null, userErrors: Array<
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
    > } };

export type RemoveTaxIdMutationVariables = Exact<{
  id: string | number;
}>;


export type RemoveTaxIdMutation = { removeTaxId: { account: { taxIds: Array<{ id: string, value: string }> } | null, userErrors: Array<
      | { code: UserErrorCode, message: string }
      | { code: UserErrorCode, message: string }
      | { code: UserErrorCode, message: string }
      | { code: UserErrorCode, message: string }
      | { code: UserErrorCode, message: string }
      | { code: UserErrorCode, message: string }
      | { code: UserErrorCode, message: string }
    > } };

export type ReplayWebhookEventsMutationVariables = Exact<{
  input: AdminReplayInput;
}>;


export type ReplayWebhookEventsMutation = { adminReplayWebhookEvents: { job: { id: string, state: JobState } | null, userErrors: Array<
      | { code: UserErrorCode, message: string, field: Array<string> | null, hint: string | null }
      | { code: UserErrorCode, message: string, field: Array<string> | null, hint: string | null }
      | { code: UserErrorCode, message: string, field: Array<string> | null, hint: string | null }
      | { code: UserErrorCode, message: string, field: Array<string> | null, hint: string | null }
      | { code: UserErrorCode, message: string, field: Array<string> | null, hint: string | null }
      | { code: UserErrorCode, message: string, field: Array<string> | null, hint: string | null }
      | { code: UserErrorCode, message: string, field: Array<string> | null, hint: string | null }
    > } };

export type SetDefaultPaymentMethodMutationVariables = Exact<{
  paymentMethod: string | number;
}>;


export type SetDefaultPaymentMethodMutation = { setDefaultPaymentMethod: { account: { defaultPaymentMethod: { label: string } | null, subscription: { status: SubscriptionStatus } | null } | null, paymentAction: { kind: PaymentActionKind, clientSecret: string | null, hostedUrl: string | null } | null, userErrors: Array<
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
      | { declineCode: string | null, retryable: boolean, code: UserErrorCode, message: string, hint: string | null }
      | { code: UserErrorCode, message: string, hint: string | null }
    > } };

export type UpdateBillingDetailsMutationVariables = Exact<{
  input: UpdateBillingDetailsInput;
}>;


export type UpdateBillingDetailsMutation = { updateBillingDetails: { account: { name: string | null, email: string | null, phone: string | null, locale: string | null, address: { line1: string | null, line2: string | null, city: string | null, state: string | null, postalCode: string | null, country: string | null } | null } | null, userErrors: Array<
      | { code: UserErrorCode, message: string, field: Array<string> | null }
      | { code: UserErrorCode, message: string, field: Array<string> | null }
      | { code: UserErrorCode, message: string, field: Array<string> | null }
      | { code: UserErrorCode, message: string, field: Array<string> | null }
      | { code: UserErrorCode, message: string, field: Array<string> | null }
      | { code: UserErrorCode, message: string, field: Array<string> | null }
      | { code: UserErrorCode, message: string, field: Array<string> | null }
    > } };

export type WebhookUpdatedSubscriptionVariables = Exact<{
  first?: number;
  after?: string | number | null | undefined;
  filter?: WebhookEventFilter | null | undefined;
}>;


export type WebhookUpdatedSubscription = { webhookUpdated: { kind: StreamKind, cursor: string, skipped: number, backlog: number, events: Array<{ id: string, type: string, state: WebhookEventState, subject: string, createdAt: string, receivedAt: string, finishedAt: string | null, attempts: number, error: string | null }> } };


export const AccessDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Access"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"viewer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"account"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"access"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"allowed"}},{"kind":"Field","name":{"kind":"Name","value":"level"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"until"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"remedy"}}]}}]}}]}}]}}]} as unknown as DocumentNode<AccessQuery, AccessQueryVariables>;
export const AccountUpdatedDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"AccountUpdated"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"accountUpdated"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"revision"}},{"kind":"Field","name":{"kind":"Name","value":"entries"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"title"}}]}},{"kind":"Field","name":{"kind":"Name","value":"account"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"plan"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"key"}}]}},{"kind":"Field","name":{"kind":"Name","value":"subscription"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"status"}}]}},{"kind":"Field","name":{"kind":"Name","value":"access"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"allowed"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}}]}}]}}]}}]}}]} as unknown as DocumentNode<AccountUpdatedSubscription, AccountUpdatedSubscriptionVariables>;
export const AddTaxIdDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"AddTaxId"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"type"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}},"defaultValue":{"kind":"StringValue","value":"eu_vat","block":false}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"value"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"addTaxId"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"type"},"value":{"kind":"Variable","name":{"kind":"Name","value":"type"}}},{"kind":"ObjectField","name":{"kind":"Name","value":"value"},"value":{"kind":"Variable","name":{"kind":"Name","value":"value"}}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"account"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"taxIds"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"value"}},{"kind":"Field","name":{"kind":"Name","value":"verification"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"hint"}}]}}]}}]}}]} as unknown as DocumentNode<AddTaxIdMutation, AddTaxIdMutationVariables>;
export const BillingPageDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"BillingPage"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"viewer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"account"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"externalId"}},{"kind":"Field","name":{"kind":"Name","value":"revision"}},{"kind":"Field","name":{"kind":"Name","value":"plan"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"key"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"subscription"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"plan"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"key"}}]}},{"kind":"Field","name":{"kind":"Name","value":"currentPeriod"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"start"}},{"kind":"Field","name":{"kind":"Name","value":"end"}}]}},{"kind":"Field","name":{"kind":"Name","value":"cancellation"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"effectiveAt"}},{"kind":"Field","name":{"kind":"Name","value":"canUndo"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"access"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"allowed"}},{"kind":"Field","name":{"kind":"Name","value":"level"}},{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"until"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}},{"kind":"Field","name":{"kind":"Name","value":"invoices"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"10"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"number"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"total"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"formatted"}}]}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"timeline"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"20"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"at"}},{"kind":"Field","name":{"kind":"Name","value":"title"}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<BillingPageQuery, BillingPageQueryVariables>;
export const CancelSubscriptionDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CancelSubscription"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cancelSubscription"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"ObjectValue","fields":[]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"outcome"}},{"kind":"Field","name":{"kind":"Name","value":"subscription"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"cancellation"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"effectiveAt"}},{"kind":"Field","name":{"kind":"Name","value":"canUndo"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"hint"}}]}}]}}]}}]} as unknown as DocumentNode<CancelSubscriptionMutation, CancelSubscriptionMutationVariables>;
export const ChangePlanDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"ChangePlan"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ChangePlanInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"changePlan"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"outcome"}},{"kind":"Field","name":{"kind":"Name","value":"subscription"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"plan"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"key"}}]}},{"kind":"Field","name":{"kind":"Name","value":"pendingChange"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"toPlan"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"key"}}]}},{"kind":"Field","name":{"kind":"Name","value":"toSeats"}},{"kind":"Field","name":{"kind":"Name","value":"toAddOns"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"addOn"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"key"}}]}},{"kind":"Field","name":{"kind":"Name","value":"quantity"}}]}},{"kind":"Field","name":{"kind":"Name","value":"effectiveAt"}},{"kind":"Field","name":{"kind":"Name","value":"expiresAt"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"paymentAction"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"clientSecret"}},{"kind":"Field","name":{"kind":"Name","value":"hostedUrl"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"hint"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"PreviewOutdatedError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"freshPreview"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"token"}},{"kind":"Field","name":{"kind":"Name","value":"amountDueNow"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"formatted"}}]}}]}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"ThrottledError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"retryAfterMs"}}]}}]}}]}}]}}]} as unknown as DocumentNode<ChangePlanMutation, ChangePlanMutationVariables>;
export const CheckAccessDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"CheckAccess"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"feature"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"quantity"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"SafeInt"}},"defaultValue":{"kind":"IntValue","value":"1"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"checkAccess"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"feature"},"value":{"kind":"Variable","name":{"kind":"Name","value":"feature"}}},{"kind":"Argument","name":{"kind":"Name","value":"quantity"},"value":{"kind":"Variable","name":{"kind":"Name","value":"quantity"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"allowed"}},{"kind":"Field","name":{"kind":"Name","value":"access"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"reason"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}},{"kind":"Field","name":{"kind":"Name","value":"entitlement"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"limit"}},{"kind":"Field","name":{"kind":"Name","value":"used"}},{"kind":"Field","name":{"kind":"Name","value":"remaining"}},{"kind":"Field","name":{"kind":"Name","value":"overBy"}},{"kind":"Field","name":{"kind":"Name","value":"resetsAt"}},{"kind":"Field","name":{"kind":"Name","value":"deniedReason"}},{"kind":"Field","name":{"kind":"Name","value":"remedy"}},{"kind":"Field","name":{"kind":"Name","value":"unlockedBy"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"key"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]}}]}}]} as unknown as DocumentNode<CheckAccessQuery, CheckAccessQueryVariables>;
export const CheckoutUpdatedDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"CheckoutUpdated"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"session"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"checkoutUpdated"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"session"},"value":{"kind":"Variable","name":{"kind":"Name","value":"session"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"session"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"subscription"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}}]}}]}}]}}]}}]} as unknown as DocumentNode<CheckoutUpdatedSubscription, CheckoutUpdatedSubscriptionVariables>;
export const CreateCheckoutSessionDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CreateCheckoutSession"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"plan"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}},"defaultValue":{"kind":"StringValue","value":"team","block":false}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"interval"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"BillingInterval"}}},"defaultValue":{"kind":"EnumValue","value":"MONTH"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createCheckoutSession"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"plan"},"value":{"kind":"Variable","name":{"kind":"Name","value":"plan"}}},{"kind":"ObjectField","name":{"kind":"Name","value":"interval"},"value":{"kind":"Variable","name":{"kind":"Name","value":"interval"}}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"session"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"url"}},{"kind":"Field","name":{"kind":"Name","value":"expiresAt"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"hint"}}]}}]}}]}}]} as unknown as DocumentNode<CreateCheckoutSessionMutation, CreateCheckoutSessionMutationVariables>;
export const CreatePortalSessionDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CreatePortalSession"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"flow"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"PortalFlow"}}},"defaultValue":{"kind":"EnumValue","value":"HOME"}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"returnUrl"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"URL"}}},"defaultValue":{"kind":"StringValue","value":"http://localhost:4000/","block":false}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createPortalSession"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"flow"},"value":{"kind":"Variable","name":{"kind":"Name","value":"flow"}}},{"kind":"ObjectField","name":{"kind":"Name","value":"returnUrl"},"value":{"kind":"Variable","name":{"kind":"Name","value":"returnUrl"}}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"session"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"url"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"hint"}}]}}]}}]}}]} as unknown as DocumentNode<CreatePortalSessionMutation, CreatePortalSessionMutationVariables>;
export const CreateSetupIntentDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CreateSetupIntent"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createSetupIntent"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"ObjectValue","fields":[]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"clientSecret"}},{"kind":"Field","name":{"kind":"Name","value":"publishableKey"}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"hint"}}]}}]}}]}}]} as unknown as DocumentNode<CreateSetupIntentMutation, CreateSetupIntentMutationVariables>;
export const EntitlementUpdatedDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"EntitlementUpdated"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"feature"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}},"defaultValue":{"kind":"StringValue","value":"members-per-team","block":false}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"entitlementUpdated"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"feature"},"value":{"kind":"Variable","name":{"kind":"Name","value":"feature"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"revision"}},{"kind":"Field","name":{"kind":"Name","value":"entitlement"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"feature"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"unit"}}]}},{"kind":"Field","name":{"kind":"Name","value":"used"}},{"kind":"Field","name":{"kind":"Name","value":"limit"}},{"kind":"Field","name":{"kind":"Name","value":"remaining"}},{"kind":"Field","name":{"kind":"Name","value":"usedPercent"}},{"kind":"Field","name":{"kind":"Name","value":"overBy"}},{"kind":"Field","name":{"kind":"Name","value":"resetsAt"}}]}}]}}]}}]} as unknown as DocumentNode<EntitlementUpdatedSubscription, EntitlementUpdatedSubscriptionVariables>;
export const InvoiceDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Invoice"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"invoice"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"number"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"paidAt"}},{"kind":"Field","name":{"kind":"Name","value":"paymentMethod"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"label"}}]}},{"kind":"Field","name":{"kind":"Name","value":"paymentAttempts"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"at"}},{"kind":"Field","name":{"kind":"Name","value":"succeeded"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}},{"kind":"Field","name":{"kind":"Name","value":"paymentAction"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"hostedUrl"}}]}},{"kind":"Field","name":{"kind":"Name","value":"lines"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"description"}},{"kind":"Field","name":{"kind":"Name","value":"amount"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"formatted"}}]}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"total"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"formatted"}}]}},{"kind":"Field","name":{"kind":"Name","value":"amountDue"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"formatted"}}]}},{"kind":"Field","name":{"kind":"Name","value":"hostedUrl"}},{"kind":"Field","name":{"kind":"Name","value":"pdfUrl"}}]}}]}}]} as unknown as DocumentNode<InvoiceQuery, InvoiceQueryVariables>;
export const JobUpdatedDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"JobUpdated"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"job"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"jobUpdated"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"job"},"value":{"kind":"Variable","name":{"kind":"Name","value":"job"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"job"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"done"}},{"kind":"Field","name":{"kind":"Name","value":"total"}},{"kind":"Field","name":{"kind":"Name","value":"percent"}},{"kind":"Field","name":{"kind":"Name","value":"etaSeconds"}},{"kind":"Field","name":{"kind":"Name","value":"summary"}},{"kind":"Field","name":{"kind":"Name","value":"error"}},{"kind":"Field","name":{"kind":"Name","value":"log"}}]}}]}}]}}]} as unknown as DocumentNode<JobUpdatedSubscription, JobUpdatedSubscriptionVariables>;
export const PayInvoiceDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"PayInvoice"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"invoice"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"paymentMethod"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"payInvoice"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"invoice"},"value":{"kind":"Variable","name":{"kind":"Name","value":"invoice"}}},{"kind":"ObjectField","name":{"kind":"Name","value":"paymentMethod"},"value":{"kind":"Variable","name":{"kind":"Name","value":"paymentMethod"}}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"outcome"}},{"kind":"Field","name":{"kind":"Name","value":"invoice"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}}]}},{"kind":"Field","name":{"kind":"Name","value":"paymentAction"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"clientSecret"}},{"kind":"Field","name":{"kind":"Name","value":"hostedUrl"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"hint"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"CardDeclinedError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"declineCode"}},{"kind":"Field","name":{"kind":"Name","value":"retryable"}}]}}]}}]}}]}}]} as unknown as DocumentNode<PayInvoiceMutation, PayInvoiceMutationVariables>;
export const PaymentMethodsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"PaymentMethods"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"viewer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"account"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"defaultPaymentMethod"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"label"}}]}},{"kind":"Field","name":{"kind":"Name","value":"paymentMethods"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"10"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"label"}},{"kind":"Field","name":{"kind":"Name","value":"expMonth"}},{"kind":"Field","name":{"kind":"Name","value":"expYear"}},{"kind":"Field","name":{"kind":"Name","value":"expiresSoon"}},{"kind":"Field","name":{"kind":"Name","value":"isDefault"}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<PaymentMethodsQuery, PaymentMethodsQueryVariables>;
export const PlansDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Plans"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"plans"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"key"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"description"}},{"kind":"Field","name":{"kind":"Name","value":"highlights"}},{"kind":"Field","name":{"kind":"Name","value":"free"}},{"kind":"Field","name":{"kind":"Name","value":"prices"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"interval"}},{"kind":"Field","name":{"kind":"Name","value":"unit"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"formatted"}}]}}]}}]}}]}}]} as unknown as DocumentNode<PlansQuery, PlansQueryVariables>;
export const PreviewChangeDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"PreviewChange"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"PreviewChangeInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"previewChange"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"preview"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"token"}},{"kind":"Field","name":{"kind":"Name","value":"expiresAt"}},{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"timing"}},{"kind":"Field","name":{"kind":"Name","value":"effectiveAt"}},{"kind":"Field","name":{"kind":"Name","value":"allowed"}},{"kind":"Field","name":{"kind":"Name","value":"summary"}},{"kind":"Field","name":{"kind":"Name","value":"blockers"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"remedy"}}]}},{"kind":"Field","name":{"kind":"Name","value":"notices"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}},{"kind":"Field","name":{"kind":"Name","value":"lines"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"description"}},{"kind":"Field","name":{"kind":"Name","value":"amount"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"formatted"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"amountDueNow"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"minor"}},{"kind":"Field","name":{"kind":"Name","value":"formatted"}}]}},{"kind":"Field","name":{"kind":"Name","value":"recurringAfter"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"formatted"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"hint"}}]}}]}}]}}]} as unknown as DocumentNode<PreviewChangeQuery, PreviewChangeQueryVariables>;
export const ReactivateSubscriptionDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"ReactivateSubscription"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"reactivateSubscription"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"ObjectValue","fields":[]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"outcome"}},{"kind":"Field","name":{"kind":"Name","value":"subscription"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"cancellation"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"effectiveAt"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"hint"}}]}}]}}]}}]} as unknown as DocumentNode<ReactivateSubscriptionMutation, ReactivateSubscriptionMutationVariables>;
export const RecordUsageDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"RecordUsage"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"RecordUsageInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"recordUsage"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"accepted"}},{"kind":"Field","name":{"kind":"Name","value":"duplicate"}},{"kind":"Field","name":{"kind":"Name","value":"entitlement"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"used"}},{"kind":"Field","name":{"kind":"Name","value":"limit"}},{"kind":"Field","name":{"kind":"Name","value":"remaining"}},{"kind":"Field","name":{"kind":"Name","value":"overBy"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"hint"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"UsageOverLimitError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"limit"}},{"kind":"Field","name":{"kind":"Name","value":"used"}},{"kind":"Field","name":{"kind":"Name","value":"asked"}},{"kind":"Field","name":{"kind":"Name","value":"unlockedBy"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"key"}}]}}]}}]}}]}}]}}]} as unknown as DocumentNode<RecordUsageMutation, RecordUsageMutationVariables>;
export const RemovePaymentMethodDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"RemovePaymentMethod"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"removePaymentMethod"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"account"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"paymentMethods"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"10"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"label"}}]}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"hint"}}]}}]}}]}}]} as unknown as DocumentNode<RemovePaymentMethodMutation, RemovePaymentMethodMutationVariables>;
export const RemoveTaxIdDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"RemoveTaxId"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"removeTaxId"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"account"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"taxIds"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"value"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]} as unknown as DocumentNode<RemoveTaxIdMutation, RemoveTaxIdMutationVariables>;
export const ReplayWebhookEventsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"ReplayWebhookEvents"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"AdminReplayInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"adminReplayWebhookEvents"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"job"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"state"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"hint"}}]}}]}}]}}]} as unknown as DocumentNode<ReplayWebhookEventsMutation, ReplayWebhookEventsMutationVariables>;
export const SetDefaultPaymentMethodDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"SetDefaultPaymentMethod"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"paymentMethod"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"setDefaultPaymentMethod"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"ObjectValue","fields":[{"kind":"ObjectField","name":{"kind":"Name","value":"paymentMethod"},"value":{"kind":"Variable","name":{"kind":"Name","value":"paymentMethod"}}}]}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"account"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"defaultPaymentMethod"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"label"}}]}},{"kind":"Field","name":{"kind":"Name","value":"subscription"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"status"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"paymentAction"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"clientSecret"}},{"kind":"Field","name":{"kind":"Name","value":"hostedUrl"}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"hint"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"CardDeclinedError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"declineCode"}},{"kind":"Field","name":{"kind":"Name","value":"retryable"}}]}}]}}]}}]}}]} as unknown as DocumentNode<SetDefaultPaymentMethodMutation, SetDefaultPaymentMethodMutationVariables>;
export const UpdateBillingDetailsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"UpdateBillingDetails"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"UpdateBillingDetailsInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"updateBillingDetails"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"account"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"phone"}},{"kind":"Field","name":{"kind":"Name","value":"locale"}},{"kind":"Field","name":{"kind":"Name","value":"address"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"line1"}},{"kind":"Field","name":{"kind":"Name","value":"line2"}},{"kind":"Field","name":{"kind":"Name","value":"city"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"postalCode"}},{"kind":"Field","name":{"kind":"Name","value":"country"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"userErrors"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"field"}}]}}]}}]}}]} as unknown as DocumentNode<UpdateBillingDetailsMutation, UpdateBillingDetailsMutationVariables>;
export const WebhookUpdatedDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"WebhookUpdated"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}},"defaultValue":{"kind":"IntValue","value":"50"}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"filter"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"WebhookEventFilter"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"webhookUpdated"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}},{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"Variable","name":{"kind":"Name","value":"filter"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"skipped"}},{"kind":"Field","name":{"kind":"Name","value":"backlog"}},{"kind":"Field","name":{"kind":"Name","value":"events"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"state"}},{"kind":"Field","name":{"kind":"Name","value":"subject"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"receivedAt"}},{"kind":"Field","name":{"kind":"Name","value":"finishedAt"}},{"kind":"Field","name":{"kind":"Name","value":"attempts"}},{"kind":"Field","name":{"kind":"Name","value":"error"}}]}}]}}]}}]} as unknown as DocumentNode<WebhookUpdatedSubscription, WebhookUpdatedSubscriptionVariables>;