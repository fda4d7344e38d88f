import { notPossible } from '../http/errors.js';
import { page, paging } from '../http/lists.js';
import { mergeMetadata, metadata, text, yesNo } from '../http/parameters.js';
import { route } from '../http/route.js';
import { activeEntitlements } from '../billing/entitlements.js';
import { find, findNamed } from './find.js';

export const entitlementRoutes = [
  route(
    'POST',
    '/v1/entitlements/features',
    { lookup_key: text(80).required(), metadata: metadata(), name: text(80).required() },
    ({ account, params }) => {
      if (account.store.all('entitlements.feature').some((row) => row.active && row.lookup_key === params.lookup_key)) {
        throw notPossible(
          `An active feature with the lookup key '${params.lookup_key}' already exists.`,
          'resource_already_exists',
          'lookup_key',
        );
      }
      return account.create('entitlements.feature', {
        id: account.newId('feat'),
        object: 'entitlements.feature',
        active: true,
        livemode: false,
        lookup_key: params.lookup_key,
        metadata: mergeMetadata({}, params.metadata),
        name: params.name,
      });
    },
  ),
  route(
    'GET',
    '/v1/entitlements/features',
    { ...paging, archived: yesNo(), lookup_key: text() },
    ({ account, params }) =>
      page(
        '/v1/entitlements/features',
        account.store.all('entitlements.feature'),
        params,
        (row) =>
          row.active === !(params.archived ?? false) &&
          (params.lookup_key === undefined || row.lookup_key === params.lookup_key),
      ),
  ),
  route('GET', '/v1/entitlements/features/:id', {}, ({ account, id }) => find(account, 'entitlements.feature', id)),
  route(
    'POST',
    '/v1/entitlements/features/:id',
    { active: yesNo(), metadata: metadata(), name: text(80) },
    ({ account, params, id }) => {
      const feature = find(account, 'entitlements.feature', id);
      if (!feature.active && params.active)
        throw notPossible(`The feature '${id}' is archived and cannot be made active again.`);
      return account.update('entitlements.feature', id, {
        ...(params.name ? { name: params.name } : {}),
        ...(params.active === undefined ? {} : { active: params.active }),
        metadata: mergeMetadata(feature.metadata, params.metadata),
      });
    },
  ),
  route(
    'GET',
    '/v1/entitlements/active_entitlements',
    { ...paging, customer: text().required() },
    ({ account, params }) => {
      findNamed(account, 'customer', params.customer, 'customer');
      return page('/v1/entitlements/active_entitlements', activeEntitlements(account, params.customer), params);
    },
  ),
  route('GET', '/v1/entitlements/active_entitlements/:id', {}, ({ account, id }) =>
    find(account, 'entitlements.active_entitlement', id),
  ),
  route('POST', '/v1/products/:id/features', { entitlement_feature: text().required() }, ({ account, params, id }) => {
    find(account, 'product', id);
    const feature = findNamed(account, 'entitlements.feature', params.entitlement_feature, 'entitlement_feature');
    if (account.store.where('product_feature', 'product', id).some((row) => row.feature === feature.id))
      throw notPossible(`The feature '${feature.id}' is on the product '${id}' already.`, 'resource_already_exists');
    const row = { id: account.newId('prodft'), product: id, feature: feature.id };
    account.store.put('product_feature', row);
    return { id: row.id, object: 'product_feature', entitlement_feature: feature, livemode: false };
  }),
  route('GET', '/v1/products/:id/features', paging, ({ account, params, id }) => {
    const rows = account.store.where('product_feature', 'product', find(account, 'product', id).id);
    const shown = rows.map((row) => ({
      id: row.id,
      object: 'product_feature',
      entitlement_feature: find(account, 'entitlements.feature', row.feature),
      livemode: false,
    }));
    return page(`/v1/products/${id}/features`, shown, params);
  }),
  route('DELETE', '/v1/products/:id/features/:feature', {}, ({ account, innerId }) => {
    find(account, 'product_feature', innerId);
    account.store.remove('product_feature', innerId);
    return { id: innerId, object: 'product_feature', deleted: true };
  }),
];
