export enum CheckoutStatus {
  OPEN = 'OPEN',
  COMPLETE = 'COMPLETE',
  EXPIRED = 'EXPIRED',
  UNRECOGNIZED = 'UNRECOGNIZED',
}

/** A hosted checkout as Stripe last showed it. */
export interface CheckoutSessionState {
  id: string;
  /** Null for a session that Stripe knows without a customer. */
  customerId: string | null;
  accountId: string | null;
  status: CheckoutStatus;
  statusRaw: string;
  /** `subscription`, `payment` or `setup`. */
  mode: string;
  /** Null once it is no longer open. */
  url: string | null;
  /** What is being bought, from the session's metadata; null for a session made elsewhere. */
  priceId: string | null;
  seats: number;
  subscriptionId: string | null;
  createdAt: number;
  expiresAt: number;
}
