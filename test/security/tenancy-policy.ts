import { Role } from '../../src/auth/roles.js';
import type { StoredTenant } from '../support/stored.js';

/** What an id names: something that `storeTenant` has put there, or something that belongs to no tenant. */
export type IdKind = keyof StoredTenant | 'externalId' | 'taxId' | 'nobodys';

export interface Policy {
  /** The least that a caller must hold. */
  role: Role;
  /** Holding this one is enough as well. */
  orRole?: Role;
  /** Every argument and input field that takes an id, and what it names. */
  ids?: Record<string, IdKind>;
  /** Open to everybody, but not for every id. */
  needsTokenForIds?: boolean;
  /** Whoever knows the id may learn where it stands, without a token. */
  knowingIsEnough?: boolean;
}

const { PUBLIC, MEMBER, BILLING_ADMIN, SERVICE, SUPPORT, OPERATOR } = Role;

/** Who may ask what. A root field or an id argument that is not here fails the matrix. */
export const policies: Record<string, Policy> = {
  'Query.account': { role: SERVICE, orRole: SUPPORT, ids: { id: 'account', externalId: 'externalId' } },
  'Query.admin': { role: SUPPORT },
  'Query.checkAccess': { role: MEMBER, ids: { account: 'account' } },
  'Query.checkPromotionCode': { role: MEMBER },
  'Query.checkoutSession': { role: PUBLIC, ids: { id: 'session' }, knowingIsEnough: true },
  'Query.features': { role: PUBLIC },
  'Query.gateway': { role: PUBLIC },
  'Query.invoice': { role: MEMBER, ids: { id: 'invoice' } },
  'Query.node': { role: PUBLIC, ids: { id: 'invoice' }, needsTokenForIds: true },
  'Query.nodes': { role: PUBLIC, ids: { ids: 'subscription' }, needsTokenForIds: true },
  'Query.plan': { role: PUBLIC },
  'Query.plans': { role: PUBLIC },
  'Query.previewChange': { role: MEMBER, ids: { 'input.account': 'account', 'input.subscription': 'subscription' } },
  'Query.viewer': { role: PUBLIC },
  'Mutation.addTaxId': { role: BILLING_ADMIN, ids: { 'input.account': 'account' } },
  'Mutation.adminCancelJob': { role: OPERATOR, ids: { 'input.id': 'nobodys' } },
  'Mutation.adminCloseInvoice': { role: OPERATOR, ids: { 'input.invoice': 'invoice' } },
  'Mutation.adminDiscardWebhookEvents': { role: OPERATOR, ids: { 'input.ids': 'nobodys' } },
  'Mutation.adminGrantCredit': { role: OPERATOR, ids: { 'input.account': 'account' } },
  'Mutation.adminLinkCustomer': { role: OPERATOR, ids: { 'input.account': 'account', 'input.customer': 'nobodys' } },
  'Mutation.adminReplayWebhookEvents': {
    role: OPERATOR,
    ids: { 'input.ids': 'nobodys', 'input.filter.account': 'externalId' },
  },
  'Mutation.adminSyncCatalog': { role: OPERATOR },
  'Mutation.applyPromotionCode': {
    role: BILLING_ADMIN,
    ids: { 'input.account': 'account', 'input.subscription': 'subscription' },
  },
  'Mutation.cancelPendingChange': {
    role: BILLING_ADMIN,
    ids: { 'input.account': 'account', 'input.subscription': 'subscription' },
  },
  'Mutation.cancelSubscription': {
    role: BILLING_ADMIN,
    ids: { 'input.account': 'account', 'input.subscription': 'subscription' },
  },
  'Mutation.changePlan': {
    role: BILLING_ADMIN,
    ids: { 'input.account': 'account', 'input.subscription': 'subscription' },
  },
  'Mutation.createCheckoutSession': { role: BILLING_ADMIN, ids: { 'input.account': 'account' } },
  'Mutation.createPortalSession': {
    role: BILLING_ADMIN,
    ids: { 'input.account': 'account', 'input.configuration': 'nobodys' },
  },
  'Mutation.createSetupIntent': { role: BILLING_ADMIN, ids: { 'input.account': 'account' } },
  'Mutation.deleteAccount': { role: SERVICE, ids: { 'input.account': 'account', 'input.externalId': 'externalId' } },
  'Mutation.pauseSubscription': {
    role: BILLING_ADMIN,
    ids: { 'input.account': 'account', 'input.subscription': 'subscription' },
  },
  'Mutation.payInvoice': {
    role: BILLING_ADMIN,
    ids: { 'input.account': 'account', 'input.invoice': 'invoice', 'input.paymentMethod': 'method' },
  },
  'Mutation.previewChange': { role: MEMBER, ids: { 'input.account': 'account', 'input.subscription': 'subscription' } },
  'Mutation.reactivateSubscription': {
    role: BILLING_ADMIN,
    ids: { 'input.account': 'account', 'input.subscription': 'subscription' },
  },
  'Mutation.recordUsage': { role: SERVICE, ids: { 'input.account': 'account' } },
  'Mutation.recordUsageBatch': { role: SERVICE, ids: { 'input.records.account': 'account' } },
  'Mutation.removePaymentMethod': { role: BILLING_ADMIN, ids: { 'input.account': 'account', 'input.id': 'method' } },
  'Mutation.removeTaxId': { role: BILLING_ADMIN, ids: { 'input.account': 'account', 'input.id': 'taxId' } },
  'Mutation.resumeSubscription': {
    role: BILLING_ADMIN,
    ids: { 'input.account': 'account', 'input.subscription': 'subscription' },
  },
  'Mutation.setDefaultPaymentMethod': {
    role: BILLING_ADMIN,
    ids: { 'input.account': 'account', 'input.paymentMethod': 'method', 'input.subscription': 'subscription' },
  },
  'Mutation.startSubscription': {
    role: BILLING_ADMIN,
    ids: { 'input.account': 'account', 'input.paymentMethod': 'method' },
  },
  'Mutation.upsertAccount': { role: SERVICE, ids: { 'input.externalId': 'externalId' } },
  'Mutation.updateBillingDetails': { role: BILLING_ADMIN, ids: { 'input.account': 'account' } },
  'Subscription.accountUpdated': { role: MEMBER, ids: { account: 'account' } },
  'Subscription.entitlementUpdated': { role: MEMBER, ids: { account: 'account' } },
  'Subscription.checkoutUpdated': { role: PUBLIC, ids: { session: 'session' }, knowingIsEnough: true },
  'Subscription.jobUpdated': { role: OPERATOR, ids: { job: 'nobodys' } },
  'Subscription.webhookUpdated': { role: SUPPORT, ids: { 'filter.account': 'externalId' } },
};
