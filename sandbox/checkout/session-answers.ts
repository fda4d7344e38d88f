import type { Account } from '../account.js';
import { parameterInvalid, parameterMissing } from '../http/errors.js';
import { find } from '../resources/find.js';
import type { Session } from '../resources/checkout-sessions.js';

type Field = Session['custom_fields'][number];

/** Writes the customer's answers to the session's own questions into it; what is not optional must be answered. */
export function answerFields(account: Account, id: string, answers: Record<string, string>): void {
  const { custom_fields: asked } = find(account, 'checkout.session', id);
  const stranger = Object.keys(answers).find((key) => !asked.some((field) => field.key === key));
  if (stranger !== undefined)
    throw parameterInvalid(
      `custom_fields[${stranger}]`,
      `The checkout session '${id}' does not ask for '${stranger}'.`,
    );
  if (asked.length === 0) return;
  const custom_fields = asked.map((field) => answered(field, answers[field.key]));
  account.update('checkout.session', id, { custom_fields });
}

function answered(field: Field, given: string | undefined): Field {
  const { dropdown, numeric, text } = field;
  const name = `custom_fields[${field.key}]`;
  const value = given ?? (dropdown ?? numeric ?? text)?.default_value ?? null;
  if (value === null && !field.optional) throw parameterMissing(name);
  if (value === null) return field;
  if (dropdown && !dropdown.options.some((option) => option.value === value))
    throw parameterInvalid(name, `'${value}' is none of ${dropdown.options.map((option) => option.value).join(', ')}.`);
  if (numeric && !/^\d+$/.test(value)) throw parameterInvalid(name, `'${value}' is no number.`);
  const { minimum_length: least, maximum_length: most } = numeric ?? text ?? {};
  if (value.length < (least ?? 0) || value.length > (most ?? 255))
    throw parameterInvalid(name, `'${value}' must have ${least ?? 0} to ${most ?? 255} characters.`);
  return {
    ...field,
    ...(dropdown ? { dropdown: { ...dropdown, value } } : {}),
    ...(numeric ? { numeric: { ...numeric, value } } : {}),
    ...(text ? { text: { ...text, value } } : {}),
  };
}

/** The customer takes more or fewer of what the session lets them adjust. */
export function adjustQuantities(account: Account, id: string, wanted: Record<string, number>): void {
  const plan = account.store.get('checkout_plan', id);
  for (const [item, quantity] of Object.entries(wanted)) {
    const range = plan?.line_items.find((one) => one.id === item)?.adjustable_quantity;
    if (!range?.enabled)
      throw parameterInvalid(`quantities[${item}]`, `The checkout session '${id}' has no adjustable item '${item}'.`);
    if (!Number.isInteger(quantity) || quantity < range.minimum || quantity > range.maximum)
      throw parameterInvalid(
        `quantities[${item}]`,
        `The quantity must lie from ${range.minimum} to ${range.maximum}; found ${quantity}.`,
      );
  }
  if (!plan) return;
  const line_items = plan.line_items.map((item) => ({ ...item, quantity: wanted[item.id] ?? item.quantity }));
  account.store.put('checkout_plan', { ...plan, line_items: line_items.filter(({ quantity }) => quantity > 0) });
}
