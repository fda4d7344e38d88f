export enum PaymentMethodKind {
  CARD = 'CARD',
  BANK_DEBIT = 'BANK_DEBIT',
  WALLET = 'WALLET',
  LINK = 'LINK',
  OTHER = 'OTHER',
}

/** A stored way to pay, as Stripe last showed it. */
export interface PaymentMethodState {
  id: string;
  customerId: string;
  /** Null while nobody is known to own the customer. */
  accountId: string | null;
  kind: PaymentMethodKind;
  kindRaw: string;
  /** Stripe's word for a card's brand, or a bank's name; null where there is neither. */
  brand: string | null;
  last4: string | null;
  /** 1 to 12; null for what does not expire. */
  expMonth: number | null;
  expYear: number | null;
  createdAt: number;
}

const kinds: Record<string, PaymentMethodKind> = {
  card: PaymentMethodKind.CARD,
  card_present: PaymentMethodKind.CARD,
  link: PaymentMethodKind.LINK,
  ...Object.fromEntries(
    ['acss_debit', 'au_becs_debit', 'bacs_debit', 'nz_bank_account', 'sepa_debit', 'us_bank_account'].map(
      (word) => [word, PaymentMethodKind.BANK_DEBIT] as const,
    ),
  ),
  ...Object.fromEntries(
    [
      'alipay',
      'amazon_pay',
      'cashapp',
      'grabpay',
      'kakao_pay',
      'mobilepay',
      'naver_pay',
      'paypal',
      'revolut_pay',
      'samsung_pay',
      'wechat_pay',
    ].map((word) => [word, PaymentMethodKind.WALLET] as const),
  ),
};

/** The gateway's own word for Stripe's `type`. */
export const toKind = (raw: string): PaymentMethodKind =>
  Object.hasOwn(kinds, raw) ? (kinds[raw] as PaymentMethodKind) : PaymentMethodKind.OTHER;

const names: Record<string, string> = {
  acss_debit: 'Pre-authorized debit',
  amex: 'American Express',
  au_becs_debit: 'BECS direct debit',
  bacs_debit: 'Bacs direct debit',
  cartes_bancaires: 'Cartes Bancaires',
  cashapp: 'Cash App Pay',
  diners: 'Diners Club',
  eftpos_au: 'eftpos',
  jcb: 'JCB',
  paypal: 'PayPal',
  sepa_debit: 'SEPA debit',
  unionpay: 'UnionPay',
  us_bank_account: 'US bank account',
  wechat_pay: 'WeChat Pay',
};

const titled = (word: string) => word.replaceAll('_', ' ').replace(/\b[a-z]/g, (letter) => letter.toUpperCase());
const named = (word: string) => names[word] ?? titled(word);

/** Ready-to-show text, such as "Visa ending 4242". */
export function labelOf({ kindRaw, brand, last4 }: Pick<PaymentMethodState, 'kindRaw' | 'brand' | 'last4'>): string {
  const name =
    brand === null || brand === 'unknown' ? named(kindRaw) : /^[a-z0-9_]+$/.test(brand) ? named(brand) : brand;
  return last4 === null ? name : `${name} ending ${last4}`;
}

const SOON_MS = 30 * 24 * 3_600_000;

/** A card is good until the last day of its month. True within thirty days of that, and after. */
export function expiresSoon(
  { expMonth, expYear }: Pick<PaymentMethodState, 'expMonth' | 'expYear'>,
  now: number,
): boolean {
  if (expMonth === null || expYear === null) return false;
  return Date.UTC(expYear, expMonth, 1) - now <= SOON_MS;
}

/**
 * The method an account is charged to when nothing else is said: the customer's default, else, as after a checkout, the
 * one that the main subscription keeps for itself. Null when neither is set.
 */
export const defaultMethodId = (
  account: { defaultPaymentMethodId: string | null },
  main: { defaultPaymentMethodId: string | null } | null,
): string | null => account.defaultPaymentMethodId ?? main?.defaultPaymentMethodId ?? null;
