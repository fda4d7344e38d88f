import { z } from 'zod';
import { flag, list, oneOf } from '../setting-words.js';

/** What every checkout and every start of a subscription follows. */
export interface CheckoutPolicy {
  automaticTax: boolean;
  collectAddress: 'auto' | 'required';
  collectTaxIds: boolean;
  /** Stripe's words; undefined leaves the choice to Stripe's settings. */
  allowedPaymentMethodTypes: string[] | undefined;
  trialCard: 'required' | 'optional';
  trialEnd: 'cancel' | 'pause' | 'create_invoice';
}

/** Whether a smaller plan may be taken while more is used than it grants. Leaving is never refused. */
export type DowngradeOverLimit = 'allow' | 'refuse';

/** Settings of the catalogue and of checkout; rows of the one schema in `config.ts`. */
export const sellingSettings = {
  DOWNGRADE_OVER_LIMIT: oneOf('allow', 'refuse')
    .default('allow')
    .describe(
      'A change to a plan that grants less than is used: `allow` makes it (what is used stays, and nothing new), `refuse` does not; leaving for the free plan is never refused',
    ),
  PAUSE_WITH_DATE: oneOf('customers', 'operators')
    .default('customers')
    .describe(
      'Who may pause until a date: `customers`, or only your staff with `operators`; such a pause skips the payments that fall into it, and who comes back in mid-period has the rest of it free',
    ),
  STRIPE_PUBLISHABLE_KEY: z
    .string()
    .regex(/^pk_(test|live)_\S+$/, 'must be a Stripe publishable key such as pk_test_…')
    .optional()
    .describe('Key that browsers may see; embedded checkout and Elements need it'),
  DEFAULT_CURRENCY: z
    .string()
    .transform((code) => code.toUpperCase())
    .refine((code) => Intl.supportedValuesOf('currency').includes(code), 'must be an ISO 4217 code such as USD')
    .default('USD')
    .describe('Currency of prices for whom none is known yet'),
  PLANS_FILE: z
    .string()
    .min(1)
    .default('plans.yaml')
    .describe('The catalogue as code: ranks of named tiers, texts of features, and what `billing catalog` pushes'),
  PLAN_PRICES: z
    .string()
    .transform(list)
    .refine((pairs) => pairs.every((pair) => /^[a-z0-9][a-z0-9_-]{0,62}=price_\w+$/.test(pair)), {
      message: 'must be pairs such as team=price_123, separated by commas',
    })
    .optional()
    .describe('Plan by price id, for prices without lookup key and metadata; a fallback that warns'),
  AUTOMATIC_TAX: flag.describe(
    "`true` lets Stripe Tax add taxes; needs the customer's address, which checkout then collects",
  ),
  COLLECT_ADDRESS: oneOf('auto', 'required')
    .default('auto')
    .describe('When checkout asks for a billing address: `auto` only where it is needed, `required` always'),
  COLLECT_TAX_IDS: flag.describe('`true` lets customers enter their tax ids at checkout'),
  ALLOWED_PAYMENT_METHOD_TYPES: z
    .string()
    .transform(list)
    .refine((types) => types.every((type) => /^[a-z][a-z0-9_]*$/.test(type)), {
      message: "must be Stripe's words such as card, sepa_debit, separated by commas",
    })
    .optional()
    .describe('Only these ways to pay are offered; all that are switched on at Stripe when left out'),
  TRIAL_CARD: oneOf('required', 'optional')
    .default('required')
    .describe('A free trial begins only with a payment method (`required`) or also without one (`optional`)'),
  TRIAL_END: oneOf('cancel', 'pause', 'create_invoice')
    .default('cancel')
    .describe(
      'What becomes of a trial that ends without a payment method: `cancel` ends it, `pause` lets it wait for one, `create_invoice` makes an invoice, which is then overdue',
    ),
};

type Found = z.output<z.ZodObject<typeof sellingSettings>>;

export const toCheckoutPolicy = (found: Found): CheckoutPolicy => ({
  automaticTax: found.AUTOMATIC_TAX,
  collectAddress: found.COLLECT_ADDRESS,
  collectTaxIds: found.COLLECT_TAX_IDS,
  allowedPaymentMethodTypes: found.ALLOWED_PAYMENT_METHOD_TYPES,
  trialCard: found.TRIAL_CARD,
  trialEnd: found.TRIAL_END,
});
