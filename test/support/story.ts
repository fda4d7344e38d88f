/** The documents of the story that most journeys tell. */
export const BILLING_PAGE = `{ viewer { account {
  id revision plan { key }
  subscription { id status plan { key } currentPeriod { start end } cancellation { effectiveAt } }
  access { allowed reason until }
  invoices { nodes { number total { formatted } status } }
  timeline { nodes { at title detail actor revision } }
} } }`;

export const ACCOUNT_LIVE = `subscription ($after: ID) { accountUpdated(after: $after) {
  kind cursor revision skipped entries { title }
  account { plan { key } subscription { status } access { allowed reason } }
} }`;

export const CHECKOUT = `mutation ($plan: String!, $key: ID) {
  createCheckoutSession(input: { plan: $plan, interval: MONTH, idempotencyKey: $key }) {
    session { id url status }
    userErrors { code message ... on AlreadySubscribedError { subscription { id } } }
  }
}`;

const SUBSCRIPTION_PAYLOAD = `{ outcome subscription { id currentPeriod { end } cancellation { effectiveAt } } account { revision } userErrors { code message } }`;
export const CANCEL = `mutation ($key: ID, $revision: SafeInt) { cancelSubscription(input: { idempotencyKey: $key, expectedRevision: $revision }) ${SUBSCRIPTION_PAYLOAD} }`;
export const REACTIVATE = `mutation { reactivateSubscription(input: {}) ${SUBSCRIPTION_PAYLOAD} }`;

/** Pays as the customer would on the hosted page, and enters what it asks for besides. Rejects with the sandbox's reason. */
export async function payCheckout(
  { url }: { url: string },
  session: string,
  card = 'pm_card_visa',
  entered: object = {},
): Promise<void> {
  const response = await fetch(`${url}/_sandbox/checkout_sessions/${session}/complete`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ payment_method: card, ...entered }),
  });
  if (!response.ok) throw new Error(await response.text());
}
