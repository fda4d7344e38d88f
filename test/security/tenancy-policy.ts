import { Role } from '../../src/auth/roles.js';
import type { StoredTenant } from '../support/stored.js';

/** What an id names: something that `storeTenant` has put there, or something that belongs to no tenant. */
export type IdKind = keyof StoredTenant | 'taxId' | 'nobodys';

export interface Policy {
  /** The least that a caller must hold. */
  role: Role;
  /** Every argument and input field that takes an id, and what it names. */
  ids?: Record<string, IdKind>;
  /** Open to everybody, but not for every id. */
  needsTokenForIds?: boolean;
  /** Whoever knows the id may learn where it stands, without a token. */
  knowingIsEnough?: boolean;
}

const { PUBLIC, MEMBER, BILLING_ADMIN } = Role;

/** Who may ask what. A root field or an id argument that is not here fails the matrix. */
export const policies: Record<string, Policy> = {
  'Query.checkPromotionCode': { role: MEMBER },
  'Query.checkoutSession': { role: PUBLIC, ids: { id: 'session' }, knowingIsEnough: true },
  'Query.features': { role: PUBLIC },
  'Query.gateway': { role: PUBLIC },
  'Query.invoice': { role: MEMBER, ids: { id: 'invoice' } },
  'Query.node': { role: PUBLIC, ids: { id: 'invoice' }, needsTokenForIds: true },
  'Query.nodes': { role: PUBLIC, ids: { ids: 'subscription' }, needsTokenForIds: true },
  'Query.plan': { role: PUBLIC },
  'Query.plans': { role: PUBLIC },
  'Query.previewChange': { role: MEMBER, ids: { 'input.subscription': 'subscription' } },
  'Query.viewer': { role: PUBLIC },
  'Mutation.addTaxId': { role: BILLING_ADMIN },
  'Mutation.applyPromotionCode': { role: BILLING_ADMIN, ids: { 'input.subscription': 'subscription' } },
  'Mutation.cancelPendingChange': { role: BILLING_ADMIN, ids: { 'input.subscription': 'subscription' } },
  'Mutation.cancelSubscription': { role: BILLING_ADMIN, ids: { 'input.subscription': 'subscription' } },
  'Mutation.changePlan': { role: BILLING_ADMIN, ids: { 'input.subscription': 'subscription' } },
  'Mutation.createCheckoutSession': { role: BILLING_ADMIN, ids: { 'input.account': 'account' } },
  'Mutation.createPortalSession': { role: BILLING_ADMIN, ids: { 'input.configuration': 'nobodys' } },
  'Mutation.createSetupIntent': { role: BILLING_ADMIN },
  'Mutation.pauseSubscription': { role: BILLING_ADMIN, ids: { 'input.subscription': 'subscription' } },
  'Mutation.payInvoice': {
    role: BILLING_ADMIN,
    ids: { 'input.invoice': 'invoice', 'input.paymentMethod': 'method' },
  },
  'Mutation.previewChange': { role: MEMBER, ids: { 'input.subscription': 'subscription' } },
  'Mutation.reactivateSubscription': { role: BILLING_ADMIN, ids: { 'input.subscription': 'subscription' } },
  'Mutation.removePaymentMethod': { role: BILLING_ADMIN, ids: { 'input.id': 'method' } },
  'Mutation.removeTaxId': { role: BILLING_ADMIN, ids: { 'input.id': 'taxId' } },
  'Mutation.resumeSubscription': { role: BILLING_ADMIN, ids: { 'input.subscription': 'subscription' } },
  'Mutation.setDefaultPaymentMethod': {
    role: BILLING_ADMIN,
    ids: { 'input.paymentMethod': 'method', 'input.subscription': 'subscription' },
  },
  'Mutation.startSubscription': {
    role: BILLING_ADMIN,
    ids: { 'input.account': 'account', 'input.paymentMethod': 'method' },
  },
  'Mutation.updateBillingDetails': { role: BILLING_ADMIN },
  'Subscription.accountUpdated': { role: MEMBER },
  'Subscription.checkoutUpdated': { role: PUBLIC, ids: { session: 'session' }, knowingIsEnough: true },
};
