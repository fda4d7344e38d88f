import { Arg, Authorized, Ctx, Field, ID, InputType, Mutation, Resolver } from 'type-graphql';
import type { Account } from '../accounts/account.entity.js';
import { Role } from '../auth/roles.js';
import type { Context } from '../graphql/context.js';
import { askedOf } from '../graphql/asked.js';
import { Outcome } from '../graphql/outcome.js';
import { IDEMPOTENCY_KEY, toUserErrors } from '../graphql/user-errors.js';
import { ensureViewerAccount, OfAccount } from '../graphql/viewer-account.js';
import { once } from '../intents/once.js';
import { confirmAction } from '../payments/try-invoice.js';
import { asStored, InvoicePayload } from './invoice-payload.js';
import { payInvoice } from './pay-invoice.js';

@InputType({ description: 'What to pay, and with what.' })
export class PayInvoiceInput extends OfAccount {
  @Field(() => ID, {
    description: 'An open invoice of the account, or the newest one of a subscription that is UNPAID.',
  })
  invoice!: string;

  @Field(() => ID, {
    nullable: true,
    description: "A stored payment method of the account; the subscription's or the account's default when not given.",
  })
  paymentMethod?: string | null;

  @Field(() => ID, IDEMPOTENCY_KEY)
  idempotencyKey?: string | null;
}

@Resolver()
export class PayInvoiceResolver {
  @Authorized(Role.BILLING_ADMIN)
  @Mutation(() => InvoicePayload, {
    description:
      'Tries the open invoice again, with another payment method if given. The newest invoice of a subscription that is UNPAID, which Stripe leaves as a draft, is made final first; paying it makes the subscription active again.',
  })
  async payInvoice(
    @Arg('input', () => PayInvoiceInput, { description: 'Which one, and with what.' }) input: PayInvoiceInput,
    @Ctx() context: Context,
  ): Promise<InvoicePayload> {
    let account: Account | null = null;
    const stored = () => asStored(context, account?.id ?? null, input.invoice);
    const owner = async () => (await context.loaders.invoice.load(input.invoice))?.accountId ?? null;
    try {
      const { id: accountId } = (account = await ensureViewerAccount(context, { account: input.account, owner }));
      const asked = {
        accountId,
        actor: context.caller?.subject ?? '',
        invoice: input.invoice,
        paymentMethod: input.paymentMethod ?? null,
        idempotencyKey: input.idempotencyKey ?? null,
      };
      const pay = () => payInvoice(context.parts, asked);
      const { outcome } = await once(context.parts, askedOf(context, accountId, 'payInvoice', input), pay);
      const paymentAction = outcome === 'ACTION_REQUIRED' ? await confirmAction(context.parts, input.invoice) : null;
      return { outcome: Outcome[outcome], ...(await stored()), paymentAction, userErrors: [] };
    } catch (thrown) {
      const userErrors = await toUserErrors(thrown, context, account);
      return { outcome: Outcome.REJECTED, ...(await stored()), paymentAction: null, userErrors };
    }
  }
}
