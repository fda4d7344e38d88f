import {
  Arg,
  Authorized,
  Ctx,
  Field,
  FieldResolver,
  ID,
  InputType,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
  Root,
} from 'type-graphql';
import type { Account } from '../accounts/account.entity.js';
import { holds, Role } from '../auth/roles.js';
import { AddOnInput, toAddOns } from '../checkout/purchase-input.js';
import { askStripe } from '../graphql/ask-stripe.js';
import type { Context } from '../graphql/context.js';
import { CurrencyCodeScalar } from '../graphql/scalars.js';
import { toUserErrors, UserError } from '../graphql/user-errors.js';
import { OfAccount, readViewerAccount } from '../graphql/viewer-account.js';
import { BillingInterval } from '../plans/plan.js';
import { ChangePreview, InvoicePreview } from './change-preview.js';
import { ChangeTiming } from './classify-change.js';
import { readNextInvoice } from './next-invoice.js';
import { previewChange } from './preview-change.js';
import { toChangePreview, toInvoicePreview } from './show-change.js';
import { whose } from './subscription-payload.js';

@InputType({ description: 'What to change to.' })
export class PreviewChangeInput extends OfAccount {
  @Field(() => ID, { nullable: true, description: 'Main subscription of the viewer when not given.' })
  subscription?: string | null;

  @Field(() => String, { description: 'Plan key, such as team.' })
  plan!: string;

  @Field(() => BillingInterval, {
    description:
      'How often to pay; without meaning for the free plan. With the present plan, the interval of the present price keeps that price, also an old one and one that is paid for every few months.',
  })
  interval!: BillingInterval;

  @Field(() => CurrencyCodeScalar, {
    nullable: true,
    description: "The subscription's own when not given; it cannot change.",
  })
  currency?: string | null;

  @Field(() => Int, { nullable: true, description: 'As many as now when not given.' })
  seats?: number | null;

  @Field(() => [AddOnInput], {
    nullable: true,
    description: 'All add-ons as they are to be, an empty list for none; as now when not given.',
  })
  addOns?: AddOnInput[] | null;

  @Field(() => String, {
    nullable: true,
    description: 'A code to take off from this change on; checking it costs one more call to Stripe.',
  })
  promotionCode?: string | null;

  @Field(() => ChangeTiming, {
    nullable: true,
    description: 'Let the rules decide when not given: what costs more now, what costs less at period end.',
  })
  timing?: ChangeTiming | null;
}

@ObjectType({ description: 'The preview, or why there is none.' })
export class PreviewChangeResult {
  @Field(() => ChangePreview, { nullable: true, description: 'Null when refused; see userErrors.' })
  preview!: ChangePreview | null;

  @Field(() => [UserError], { description: 'Why it was refused; empty when it was not.' })
  userErrors!: UserError[];
}

@Resolver(() => ChangePreview)
export class PreviewChangeResolver {
  @Authorized(Role.MEMBER)
  @Query(() => PreviewChangeResult, {
    nullable: true,
    description: 'A change before it is made, with what it costs. Read only and safe to call on every click.',
  })
  previewChange(
    @Arg('input', () => PreviewChangeInput, { description: 'What to change to.' }) input: PreviewChangeInput,
    @Ctx() context: Context,
  ): Promise<PreviewChangeResult> {
    return show(input, context);
  }

  @Authorized(Role.MEMBER)
  @Mutation(() => PreviewChangeResult, {
    name: 'previewChange',
    nullable: true,
    description: 'The same as the query, for clients that preview by mutation; writes no billing state.',
  })
  previewChangeByMutation(
    @Arg('input', () => PreviewChangeInput, { description: 'What to change to.' }) input: PreviewChangeInput,
    @Ctx() context: Context,
  ): Promise<PreviewChangeResult> {
    return show(input, context);
  }

  @FieldResolver(() => InvoicePreview, {
    nullable: true,
    description:
      'The next regular invoice after the change, or as things stand where nothing changes; null when none follows, or something blocks the change. Beside an invoice made now, and where nothing changes, it costs one more call to Stripe.',
  })
  async nextInvoice(@Root() { shown }: ChangePreview, @Ctx() { parts }: Context): Promise<InvoicePreview | null> {
    const next = await readNextInvoice(parts, shown);
    return next && toInvoicePreview(next);
  }
}

async function show(input: PreviewChangeInput, context: Context): Promise<PreviewChangeResult> {
  let account: Account | null = null;
  try {
    account = await readViewerAccount(context, whose(context, input));
    const asked = {
      account,
      subscription: input.subscription ?? null,
      plan: input.plan,
      interval: input.interval,
      currency: input.currency ?? null,
      seats: input.seats ?? null,
      addOns: toAddOns(input.addOns),
      timing: input.timing ?? null,
      operator: holds(context.caller?.roles ?? [], Role.OPERATOR),
    };
    const shown = await askStripe(context, `previewChange ${JSON.stringify(input)}`, () =>
      previewChange(context.parts, context.loaders, asked, input.promotionCode ?? null),
    );
    return { preview: await toChangePreview(shown, context), userErrors: [] };
  } catch (thrown) {
    return { preview: null, userErrors: await toUserErrors(thrown, context, account) };
  }
}
