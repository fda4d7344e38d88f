/** Why a verb said no, in words that a person or the calling code can act on. Values may be added. */
export enum UserErrorCode {
  OTHER = 'OTHER',
  INVALID = 'INVALID',
  NOT_FOUND = 'NOT_FOUND',
  PLAN_NOT_AVAILABLE = 'PLAN_NOT_AVAILABLE',
  PRICE_CURRENCY_MISMATCH = 'PRICE_CURRENCY_MISMATCH',
  QUANTITY_OUT_OF_RANGE = 'QUANTITY_OUT_OF_RANGE',
  ALREADY_SUBSCRIBED = 'ALREADY_SUBSCRIBED',
  NO_SUBSCRIPTION = 'NO_SUBSCRIPTION',
  SUBSCRIPTION_ENDED = 'SUBSCRIPTION_ENDED',
  SUBSCRIPTION_PAUSED = 'SUBSCRIPTION_PAUSED',
  CHANGE_ALREADY_PENDING = 'CHANGE_ALREADY_PENDING',
  NOTHING_PENDING = 'NOTHING_PENDING',
  PREVIEW_EXPIRED = 'PREVIEW_EXPIRED',
  PREVIEW_OUTDATED = 'PREVIEW_OUTDATED',
  PAYMENT_METHOD_REQUIRED = 'PAYMENT_METHOD_REQUIRED',
  PAYMENT_OVERDUE = 'PAYMENT_OVERDUE',
  PAYMENT_METHOD_IN_USE = 'PAYMENT_METHOD_IN_USE',
  CARD_DECLINED = 'CARD_DECLINED',
  INVOICE_NOT_PAYABLE = 'INVOICE_NOT_PAYABLE',
  PROMOTION_CODE_INVALID = 'PROMOTION_CODE_INVALID',
  ADDRESS_REQUIRED_FOR_TAX = 'ADDRESS_REQUIRED_FOR_TAX',
  TAX_ID_INVALID = 'TAX_ID_INVALID',
  RETURN_URL_NOT_ALLOWED = 'RETURN_URL_NOT_ALLOWED',
  IDEMPOTENCY_KEY_REUSED = 'IDEMPOTENCY_KEY_REUSED',
  CONFLICT = 'CONFLICT',
  IN_PROGRESS = 'IN_PROGRESS',
  TOO_MANY_CHANGES = 'TOO_MANY_CHANGES',
  USAGE_OVER_LIMIT = 'USAGE_OVER_LIMIT',
  FEATURE_UNKNOWN = 'FEATURE_UNKNOWN',
  NO_ACCESS = 'NO_ACCESS',
}

export interface RefusalDetails {
  /** Path of the input at fault, such as ['input', 'seats']. */
  field?: string[];
  /** What to do next, fit to show. */
  hint?: string;
  /** For ALREADY_SUBSCRIBED and CONFLICT: the subscription that is in the way. */
  subscriptionId?: string;
  /** For CARD_DECLINED: the bank's reason, raw, and whether the same card may work later. */
  declineCode?: string | null;
  retryable?: boolean;
  /** For CONFLICT: where the account stands now. */
  currentRevision?: number;
  /** For TOO_MANY_CHANGES: how long to wait. */
  retryAfterMs?: number;
  /** For USAGE_OVER_LIMIT of recorded use: how much there is, and the key of the cheapest plan that has enough. */
  usage?: { limit: number; used: number; asked: number; unlockedBy: string | null };
}

/** Thrown by a verb when it will not do what was asked; the caller gets it in `userErrors`, never as a thrown error. */
export class Refusal extends Error {
  constructor(
    readonly code: UserErrorCode,
    message: string,
    readonly details: RefusalDetails = {},
  ) {
    super(message);
    this.name = 'Refusal';
  }
}
