import type { ErrorCode } from './errors.js';
import type { UserErrorCode } from './refusal.js';

export interface CatalogueEntry {
  /** What happened, for somebody who meets the code for the first time. */
  meaning: string;
  /** What the calling code or its operator does next. */
  whatToDo: string;
}

/** Every code that an answer can carry, in `errors` or in `userErrors`; `/errors/<code>` shows these. */
export const errorCatalogue = {
  UNAUTHENTICATED: {
    meaning: 'The request carries no token where one is needed, or the token was refused.',
    whatToDo:
      'Send `Authorization: Bearer <token>` (over a socket: connectionParams.authorization). Get a fresh token if it may have expired. The log, at level debug, names the check that failed.',
  },
  FORBIDDEN: {
    meaning: 'The token is good, but does not hold the role that the field needs.',
    whatToDo: 'Ask for a token with the role that the message names. Do not try again with the same token.',
  },
  NOT_FOUND: {
    meaning: 'There is no such object that you may see. Objects of other accounts look the same as absent ones.',
    whatToDo: 'Check the id, and that the token belongs to the account that owns the object.',
  },
  RATE_LIMITED: {
    meaning: 'Too much was asked at once.',
    whatToDo: 'Wait for `retryAfterMs` if it is given, then send less at a time.',
  },
  QUERY_TOO_COMPLEX: {
    meaning:
      'The document is valid, but asks for more than one request may: too deep, too many aliases or fields, or too long lists of lists.',
    whatToDo: 'Split the document, or ask for fewer fields and shorter pages.',
  },
  DOCUMENT_REFUSED: {
    meaning: 'The GraphQL document cannot be read or does not fit the schema; nothing was executed.',
    whatToDo: 'Compare the document with the schema. The explorer at /graphql checks while you type.',
  },
  BAD_USER_INPUT: {
    meaning: 'A variable, an argument or the request itself has the wrong form; nothing was executed.',
    whatToDo: 'The message names what was expected and what was found. Correct it and send the request again.',
  },
  PROVIDER_UNAVAILABLE: {
    meaning: 'Stripe did not answer, or answered with an outage.',
    whatToDo: 'Try again after `retryAfterMs` with the same idempotency key. Nothing is lost.',
  },
  IN_PROGRESS: {
    meaning: 'An earlier request with the same key, or on the same object, is still running.',
    whatToDo: 'Try again after `retryAfterMs`; the answer of the earlier request is kept for you.',
  },
  INTERNAL: {
    meaning: 'Something went wrong inside the gateway.',
    whatToDo:
      'Search the log of the gateway for the `requestId`; the cause stands there. Where `retryable` is true, the database was away: try again, a mutation with the same `idempotencyKey`.',
  },
  OTHER: {
    meaning: 'The verb was refused for a reason that has no code of its own.',
    whatToDo: 'Show the message to the person who asked.',
  },
  INVALID: {
    meaning: 'An input has a value that cannot be used.',
    whatToDo: 'Correct the input that `field` names.',
  },
  PLAN_NOT_AVAILABLE: {
    meaning: 'The plan is not sold, or not with this interval and currency.',
    whatToDo: 'Offer the prices that `plans` lists.',
  },
  QUANTITY_OUT_OF_RANGE: {
    meaning: 'The number of seats is below or above what the price allows.',
    whatToDo: 'Ask for a number within the range that the message names.',
  },
  ALREADY_SUBSCRIBED: {
    meaning: 'The account already has a subscription, so a second one is not sold to it.',
    whatToDo: 'Change the existing subscription, or wait until it has ended.',
  },
  NO_SUBSCRIPTION: {
    meaning: 'The account has no subscription that this could be done to.',
    whatToDo: 'Start one with `createCheckoutSession`.',
  },
  SUBSCRIPTION_ENDED: {
    meaning: 'The subscription has ended; what has ended is never changed or revived.',
    whatToDo: 'Start a new one with `createCheckoutSession`.',
  },
  PRICE_CURRENCY_MISMATCH: {
    meaning: 'A subscription keeps the currency it began with; the price that was asked for is in another one.',
    whatToDo: 'Offer the prices in the currency of the subscription.',
  },
  CHANGE_ALREADY_PENDING: {
    meaning:
      "A change is booked: in Stripe's own tools, and only staff may replace it, or here, and a code would not outlast it.",
    whatToDo:
      'Ask support; a token with the roles OPERATOR and BILLING_ADMIN may repeat the request. Or cancel the pending change first.',
  },
  PREVIEW_EXPIRED: {
    meaning: 'A preview can be accepted for ten minutes, and this one is older.',
    whatToDo: 'Preview again, show the result and accept that.',
  },
  PREVIEW_OUTDATED: {
    meaning: 'What the preview showed is not what would be charged now, so nothing was done.',
    whatToDo: 'Show `freshPreview`, which comes with the error, and accept that.',
  },
  PAYMENT_OVERDUE: {
    meaning:
      'An earlier payment is overdue, or still under way as a bank debit; plans are not changed before it is paid.',
    whatToDo: 'Have the open invoice paid, or wait for the bank, then ask again. Cancelling is possible at any time.',
  },
  SUBSCRIPTION_PAUSED: {
    meaning: 'The subscription is paused; its plan is not changed meanwhile.',
    whatToDo: 'Resume it with `resumeSubscription`, then ask again. Cancelling is possible at any time.',
  },
  TOO_MANY_CHANGES: {
    meaning: 'The plan of this account was changed too often in a short time.',
    whatToDo: 'Wait for `retryAfterMs`. Only changes that Stripe accepted are counted.',
  },
  USAGE_OVER_LIMIT: {
    meaning:
      'More would be used than the plan grants: `limit`, `used` and `asked` say by how much. Or a smaller plan has less than is used.',
    whatToDo:
      'Offer `unlockedBy`, have some given back, or wait for `resetsAt`. What has been used already is counted with `enforceLimit: false`.',
  },
  FEATURE_UNKNOWN: {
    meaning: 'Nothing in the catalogue grants a feature of this key.',
    whatToDo: 'Use a key that `features` lists; `limit_members_per_team` in metadata is `members-per-team`.',
  },
  NO_ACCESS: {
    meaning: 'The account may not use the product at the moment, whatever its plan grants.',
    whatToDo: 'Read `access` of the account: its `remedy` says what gives access back.',
  },
  NOTHING_PENDING: {
    meaning: 'There is no cancellation or change that could be taken back.',
    whatToDo: 'Read the subscription again; somebody else may have been faster.',
  },
  PAYMENT_METHOD_REQUIRED: {
    meaning: 'Something is to be paid, and there is no payment method to charge.',
    whatToDo: 'Let the customer add one with `createSetupIntent`, or pass one.',
  },
  PAYMENT_METHOD_IN_USE: {
    meaning: 'A live subscription is charged to this payment method; without it the next renewal would fail.',
    whatToDo: 'Make another one the default first, with `setDefaultPaymentMethod`.',
  },
  CARD_DECLINED: {
    meaning: 'The bank refused the card. `declineCode` is its reason; never show the codes for lost or stolen cards.',
    whatToDo: 'If `retryable` is true, try again later; otherwise ask for another card.',
  },
  INVOICE_NOT_PAYABLE: {
    meaning: 'The invoice is still a draft, or nothing is due on it.',
    whatToDo: 'Read it again; pay open invoices, and of a subscription that is UNPAID its `latestInvoice`.',
  },
  PROMOTION_CODE_INVALID: {
    meaning: 'The promotion code does not exist, has ended, is used up, or is not for this account or purchase.',
    whatToDo: 'Show the message; ask `checkPromotionCode` before you apply a code.',
  },
  ADDRESS_REQUIRED_FOR_TAX: {
    meaning: 'Taxes depend on where the customer is, and no billing address is known.',
    whatToDo: 'Ask for the address with `updateBillingDetails`, or use `createCheckoutSession`, which collects it.',
  },
  TAX_ID_INVALID: {
    meaning: 'The tax id does not have the form that its kind has.',
    whatToDo: 'Correct the value, or choose the kind that fits it.',
  },
  RETURN_URL_NOT_ALLOWED: {
    meaning: 'The address to come back to belongs to an origin that is not on the list.',
    whatToDo: 'Add its origin to RETURN_ORIGINS, or leave the address out.',
  },
  IDEMPOTENCY_KEY_REUSED: {
    meaning: 'The key was used before with another input.',
    whatToDo: 'Use a new key for each thing you want done, and the same key only to repeat it.',
  },
  CONFLICT: {
    meaning: 'The account has changed since it was read, or another change to it is still open.',
    whatToDo: 'Read it again, show what has changed, and ask again with the new revision.',
  },
} satisfies Record<ErrorCode | `${UserErrorCode}`, CatalogueEntry>;
