import { Column, type ColumnOptions, PrimaryColumn } from 'typeorm';

/** Bigint columns arrive as strings from MySQL; inside the safe range they are numbers everywhere else. */
const safeInteger = {
  to: (value: unknown) => value,
  from: (value: unknown) => {
    if (value === null || value === undefined) return value;
    const number = Number(value);
    if (!Number.isSafeInteger(number))
      throw new RangeError(`The stored number ${String(value)} is outside the safe range.`);
    return number;
  },
};
const json = {
  to: (value: unknown) => (value === undefined || value === null ? value : JSON.stringify(value)),
  from: (value: unknown) => (typeof value === 'string' ? (JSON.parse(value) as unknown) : value),
};

/** Stripe's own id or one of ours. */
export const IdKey = () => PrimaryColumn({ type: 'varchar', length: 255 });
export const IdColumn = (options: ColumnOptions = {}) => Column({ type: 'varchar', length: 255, ...options });
export const TextColumn = (options: ColumnOptions = {}) => Column({ type: 'text', ...options });
/** Money in minor units, counters, instants in milliseconds. */
export const IntegerColumn = (options: ColumnOptions = {}) =>
  Column({ type: 'bigint', transformer: safeInteger, ...options });
export const InstantColumn = IntegerColumn;
export const BooleanColumn = (options: ColumnOptions = {}) => Column({ type: 'boolean', ...options });
export const JsonColumn = (options: ColumnOptions = {}) => Column({ type: 'text', transformer: json, ...options });
