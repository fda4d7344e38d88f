export enum CheckoutStatus {
  OPEN = 'OPEN',
  COMPLETE = 'COMPLETE',
  EXPIRED = 'EXPIRED',
  UNRECOGNIZED = 'UNRECOGNIZED',
}

/** Where the customer pays. */
export enum CheckoutUi {
  HOSTED = 'HOSTED',
  EMBEDDED = 'EMBEDDED',
  ELEMENTS = 'ELEMENTS',
}

/** A checkout as Stripe last showed it. */
export interface CheckoutSessionState {
  id: string;
  /** Null for a session that Stripe knows without a customer. */
  customerId: string | null;
  accountId: string | null;
  status: CheckoutStatus;
  statusRaw: string;
  /** `subscription`, `payment` or `setup`. */
  mode: string;
  /** Null for sessions that were stored before it was kept: those are hosted. */
  ui: CheckoutUi | null;
  /** Null once it is no longer open. */
  url: string | null;
  /** What is being bought, from the session's metadata; null for a session made elsewhere. */
  priceId: string | null;
  seats: number;
  subscriptionId: string | null;
  createdAt: number;
  expiresAt: number;
}

/** A session that sells a subscription; others collect a card or one payment and bring none. */
export const sellsSubscription = ({ mode }: Pick<CheckoutSessionState, 'mode'>): boolean => mode === 'subscription';

/** Nothing will change any more: given up, or complete with its effect applied. */
export function isSettled(session: Pick<CheckoutSessionState, 'status' | 'mode'>, applied: boolean): boolean {
  if (session.status === CheckoutStatus.EXPIRED) return true;
  return session.status === CheckoutStatus.COMPLETE && (applied || !sellsSubscription(session));
}
