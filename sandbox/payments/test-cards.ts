/** Why a bank, or Stripe before it, refuses a card. */
export interface Decline {
  code: string;
  decline_code?: string;
  message: string;
}

/** How one of Stripe's test cards behaves, or one of its test bank accounts. */
export interface TestCard {
  token: string | null;
  number: string;
  brand: 'visa' | 'mastercard' | 'amex' | 'bank account';
  label: string;
  /** The card cannot be attached, nor charged. */
  refused?: Decline;
  /** Every charge fails, though the card can be attached. */
  chargeFails?: Decline;
  /** When the cardholder must authenticate: on every payment, unless set up for off-session use, only on session, or if the payment asks for it. */
  authenticates?: 'always' | 'unless_set_up' | 'on_session' | 'if_asked';
  /** What a charge ends with once the cardholder has authenticated. */
  failsAfterAuthentication?: Decline;
  disputes?: ('fraudulent' | 'product_not_received' | 'inquiry')[];
  refunds?: 'pending' | 'fail';
  fraudWarning?: boolean;
  /** A bank debit: every payment is under way for days, then ends so. */
  settles?: 'succeeds' | Decline;
}

function declined(decline_code: string, message = 'Your card was declined.'): Decline {
  return { code: 'card_declined', decline_code, message };
}

const insufficientFunds = declined('insufficient_funds', 'Your card has insufficient funds.');
const processingError: Decline = {
  code: 'processing_error',
  decline_code: 'processing_error',
  message: 'An error occurred while processing your card. Try again in a little bit.',
};

export const testCards: TestCard[] = [
  { token: 'pm_card_visa', number: '4242424242424242', brand: 'visa', label: 'Succeeds' },
  { token: 'pm_card_mastercard', number: '5555555555554444', brand: 'mastercard', label: 'Succeeds (Mastercard)' },
  { token: 'pm_card_amex', number: '378282246310005', brand: 'amex', label: 'Succeeds (American Express)' },
  {
    token: 'pm_card_visa_chargeDeclined',
    number: '4000000000000002',
    brand: 'visa',
    label: 'Declined',
    refused: declined('generic_decline'),
  },
  {
    token: 'pm_card_visa_chargeDeclinedInsufficientFunds',
    number: '4000000000009995',
    brand: 'visa',
    label: 'Declined: insufficient funds',
    refused: insufficientFunds,
  },
  {
    token: 'pm_card_visa_chargeDeclinedLostCard',
    number: '4000000000009987',
    brand: 'visa',
    label: 'Declined: lost card',
    refused: declined('lost_card'),
  },
  {
    token: 'pm_card_visa_chargeDeclinedStolenCard',
    number: '4000000000009979',
    brand: 'visa',
    label: 'Declined: stolen card',
    refused: declined('stolen_card'),
  },
  {
    token: 'pm_card_chargeDeclinedExpiredCard',
    number: '4000000000000069',
    brand: 'visa',
    label: 'Declined: expired card',
    refused: { code: 'expired_card', decline_code: 'expired_card', message: 'Your card has expired.' },
  },
  {
    token: 'pm_card_chargeDeclinedIncorrectCvc',
    number: '4000000000000127',
    brand: 'visa',
    label: 'Declined: wrong security code',
    refused: {
      code: 'incorrect_cvc',
      decline_code: 'incorrect_cvc',
      message: "Your card's security code is incorrect.",
    },
  },
  {
    token: 'pm_card_chargeDeclinedProcessingError',
    number: '4000000000000119',
    brand: 'visa',
    label: 'Declined: processing error',
    refused: processingError,
  },
  {
    token: 'pm_card_visa_chargeDeclinedVelocityLimitExceeded',
    number: '4000000000006975',
    brand: 'visa',
    label: 'Declined: used too often',
    refused: declined(
      'card_velocity_exceeded',
      'Your card was declined for making repeated attempts too frequently or exceeding its amount limit.',
    ),
  },
  {
    token: null,
    number: '4242424242424241',
    brand: 'visa',
    label: 'Mistyped number',
    refused: { code: 'incorrect_number', message: 'Your card number is incorrect.' },
  },
  {
    token: 'pm_card_chargeCustomerFail',
    number: '4000000000000341',
    brand: 'visa',
    label: 'Attaches, then every charge fails',
    chargeFails: declined('generic_decline'),
  },
  {
    token: 'pm_card_authenticationRequiredOnSetup',
    number: '4000002500003155',
    brand: 'visa',
    label: 'Asks for authentication unless set up',
    authenticates: 'unless_set_up',
  },
  {
    token: 'pm_card_authenticationRequired',
    number: '4000002760003184',
    brand: 'visa',
    label: 'Asks for authentication every time',
    authenticates: 'always',
  },
  {
    token: 'pm_card_authenticationRequiredSetupForOffSession',
    number: '4000003800000446',
    brand: 'visa',
    label: 'Asks for authentication on session only',
    authenticates: 'on_session',
  },
  {
    token: 'pm_card_authenticationRequiredChargeDeclinedInsufficientFunds',
    number: '4000008260003178',
    brand: 'visa',
    label: 'Authenticates, then insufficient funds',
    authenticates: 'always',
    failsAfterAuthentication: insufficientFunds,
  },
  {
    token: 'pm_card_threeDSecure2Required',
    number: '4000000000003220',
    brand: 'visa',
    label: '3D Secure must be completed',
    authenticates: 'always',
  },
  {
    token: 'pm_card_threeDSecureRequiredChargeDeclined',
    number: '4000008400001629',
    brand: 'visa',
    label: '3D Secure, then declined',
    authenticates: 'always',
    failsAfterAuthentication: declined('generic_decline'),
  },
  {
    token: 'pm_card_threeDSecureRequiredProcessingError',
    number: '4000008400001280',
    brand: 'visa',
    label: '3D Secure lookup error',
    chargeFails: processingError,
  },
  {
    token: 'pm_card_threeDSecureOptional',
    number: '4000000000003055',
    brand: 'visa',
    label: '3D Secure possible, not required',
    authenticates: 'if_asked',
  },
  {
    token: 'pm_card_createDispute',
    number: '4000000000000259',
    brand: 'visa',
    label: 'Pays, then disputed as fraudulent',
    disputes: ['fraudulent'],
  },
  {
    token: 'pm_card_createDisputeProductNotReceived',
    number: '4000000000002685',
    brand: 'visa',
    label: 'Pays, then disputed as not received',
    disputes: ['product_not_received'],
  },
  {
    token: 'pm_card_createDisputeInquiry',
    number: '4000000000001976',
    brand: 'visa',
    label: 'Pays, then an inquiry',
    disputes: ['inquiry'],
  },
  {
    token: 'pm_card_createMultipleDisputes',
    number: '4000000404000079',
    brand: 'visa',
    label: 'Pays, then several disputes',
    disputes: ['fraudulent', 'fraudulent'],
  },
  {
    token: 'pm_card_createIssuerFraudRecord',
    number: '4000000000005423',
    brand: 'visa',
    label: 'Pays, then an early fraud warning',
    fraudWarning: true,
  },
  {
    token: 'pm_card_pendingRefund',
    number: '4000000000007726',
    brand: 'visa',
    label: 'Refunds stay pending for a while',
    refunds: 'pending',
  },
  {
    token: 'pm_card_refundFail',
    number: '4000000000005126',
    brand: 'visa',
    label: 'Refunds fail later',
    refunds: 'fail',
  },
  {
    token: 'pm_card_bypassPending',
    number: '4000000000000077',
    brand: 'visa',
    label: 'Succeeds, funds available at once',
  },
  {
    token: null,
    number: '4100000000000019',
    brand: 'visa',
    label: 'Blocked as too risky',
    refused: { code: 'card_declined', decline_code: 'fraudulent', message: 'Your card was declined.' },
  },
];

export const testBankAccounts: TestCard[] = [
  {
    token: 'pm_usBankAccount_success',
    number: '000123456789',
    brand: 'bank account',
    label: 'Bank debit: succeeds after days',
    settles: 'succeeds',
  },
  {
    token: 'pm_usBankAccount_insufficientFunds',
    number: '000222222227',
    brand: 'bank account',
    label: 'Bank debit: fails after days',
    settles: {
      code: 'payment_method_customer_decline',
      decline_code: 'insufficient_funds',
      message: "The customer's account has insufficient funds to cover this payment.",
    },
  },
];

/** A card by its payment-method token, by the old `tok_…` spelling, or by its number. */
export function cardNamed(name: string): TestCard | undefined {
  const token = name.replace(/^tok_/, 'pm_card_');
  return [...testCards, ...testBankAccounts].find(
    (card) => card.token === token || card.number === name.replaceAll(' ', ''),
  );
}

export const plainCard = testCards[0] as TestCard;
