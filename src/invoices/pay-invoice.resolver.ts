import { Arg, Authorized, Ctx, Field, ID, InputType, Mutation, ObjectType, Resolver } from 'type-graphql';
import { Role } from '../auth/roles.js';
import type { Context } from '../graphql/context.js';
import { Outcome } from '../graphql/outcome.js';
import { IDEMPOTENCY_KEY, toUserErrors, UserError } from '../graphql/user-errors.js';
import { ensureViewerAccount } from '../graphql/viewer-account.js';
import { PaymentAction } from '../payments/payment-action.js';
import { confirmAction } from '../payments/try-invoice.js';
import { Invoice } from './invoice.entity.js';
import { payInvoice } from './pay-invoice.js';

@InputType({ description: 'What to pay, and with what.' })
export class PayInvoiceInput {
  @Field(() => ID, { description: 'An open invoice of the account.' })
  invoice!: string;

  @Field(() => ID, {
    nullable: true,
    description: "A stored payment method of the account; the subscription's or the account's default when not given.",
  })
  paymentMethod?: string | null;

  @Field(() => ID, IDEMPOTENCY_KEY)
  idempotencyKey?: string | null;
}

@ObjectType({ description: 'How it ended, and how the invoice stands now.' })
export class InvoicePayload {
  @Field(() => Outcome, { description: 'How it ended.' })
  outcome!: Outcome;

  @Field(() => Invoice, {
    nullable: true,
    description: 'The invoice as stored now; null when there is none of that id.',
  })
  invoice!: Invoice | null;

  @Field(() => PaymentAction, {
    nullable: true,
    description: 'What the customer must do to finish the payment; null when nothing.',
  })
  paymentAction!: PaymentAction | null;

  @Field(() => [UserError], { description: 'Why it was refused; empty when it was not.' })
  userErrors!: UserError[];
}

@Resolver()
export class PayInvoiceResolver {
  @Authorized(Role.BILLING_ADMIN)
  @Mutation(() => InvoicePayload, {
    description: 'Tries the open invoice again, with another payment method if given.',
  })
  async payInvoice(
    @Arg('input', () => PayInvoiceInput, { description: 'Which one, and with what.' }) input: PayInvoiceInput,
    @Ctx() context: Context,
  ): Promise<InvoicePayload> {
    const { id: accountId } = await ensureViewerAccount(context);
    const { manager } = context.parts.database.read;
    const stored = () => manager.findOneBy(Invoice, { id: input.invoice, accountId });
    try {
      const outcome = await payInvoice(context.parts, {
        accountId,
        actor: context.caller?.subject ?? '',
        invoice: input.invoice,
        paymentMethod: input.paymentMethod ?? null,
        idempotencyKey: input.idempotencyKey ?? null,
      });
      const paymentAction = outcome === 'ACTION_REQUIRED' ? await confirmAction(context.parts, input.invoice) : null;
      return { outcome: Outcome[outcome], invoice: await stored(), paymentAction, userErrors: [] };
    } catch (thrown) {
      const userErrors = await toUserErrors(thrown, context);
      return { outcome: Outcome.REJECTED, invoice: await stored(), paymentAction: null, userErrors };
    }
  }
}
