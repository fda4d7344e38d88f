import type { Account } from '../account.js';
import { createPrice } from '../resources/prices.js';
import { createProduct } from '../resources/products.js';

interface SamplePlan {
  id: string;
  name: string;
  description: string;
  tier: number;
  capabilities: string;
  limits: Record<string, string>;
  features: string[];
  /** Minor units of USD a month and a year; a free plan has no price. */
  month?: number;
  year?: number;
}

const plans: SamplePlan[] = [
  {
    id: 'free',
    name: 'Free',
    description: 'For trying things out',
    tier: 0,
    capabilities: 'projects',
    limits: { limit_members_per_team: '3', limit_projects: '2' },
    features: ['3 members per team', '2 projects'],
  },
  {
    id: 'team',
    name: 'Team',
    description: 'For a team that ships',
    tier: 1,
    capabilities: 'projects,api,exports',
    limits: { limit_members_per_team: '20', limit_projects: '50' },
    features: ['20 members per team', '50 projects', 'API access', 'Exports'],
    month: 2000,
    year: 20_000,
  },
  {
    id: 'business',
    name: 'Business',
    description: 'For the whole company',
    tier: 2,
    capabilities: 'projects,api,exports,sso,audit_log',
    limits: { limit_members_per_team: '-1', limit_projects: '-1' },
    features: ['Unlimited members', 'Unlimited projects', 'Single sign-on', 'Audit log'],
    month: 9900,
    year: 99_000,
  },
];

/** Three plans as products that carry the metadata a billing gateway reads; nothing if the account sells something already. */
export function addSampleCatalogue(account: Account): void {
  if (account.store.count('product') > 0) return;
  for (const plan of plans) {
    const product = createProduct(account, {
      id: `prod_sample_${plan.id}`,
      name: plan.name,
      description: plan.description,
      marketing_features: plan.features.map((name) => ({ name })),
      metadata: {
        app: 'billing',
        plan_id: plan.id,
        tier: String(plan.tier),
        capabilities: plan.capabilities,
        ...plan.limits,
      },
    });
    for (const interval of ['month', 'year'] as const) {
      const unit_amount = plan[interval];
      if (unit_amount === undefined) continue;
      createPrice(account, {
        product: product.id,
        currency: 'usd',
        unit_amount,
        recurring: { interval },
        lookup_key: `${plan.id}_${interval}`,
      });
    }
  }
}
