import { Field, InputType, ObjectType } from 'type-graphql';
import { CountryCodeScalar } from '../graphql/scalars.js';
import type { Address } from './account.js';

@ObjectType('Address', { description: 'A billing address; every part may be missing.' })
export class AddressType implements Address {
  @Field(() => String, { nullable: true, description: 'Street and number.' })
  line1!: string | null;

  @Field(() => String, { nullable: true, description: 'Floor, apartment, building.' })
  line2!: string | null;

  @Field(() => String, { nullable: true, description: 'City, town or village.' })
  city!: string | null;

  @Field(() => String, { nullable: true, description: 'State, county or province.' })
  state!: string | null;

  @Field(() => String, { nullable: true, description: 'Postal code.' })
  postalCode!: string | null;

  @Field(() => CountryCodeScalar, { nullable: true, description: 'Country.' })
  country!: string | null;
}

@InputType({ description: 'A whole billing address: a part that is left out is empty.' })
export class AddressInput {
  @Field(() => String, { nullable: true, description: 'Street and number.' })
  line1?: string | null;

  @Field(() => String, { nullable: true, description: 'Floor, apartment, building.' })
  line2?: string | null;

  @Field(() => String, { nullable: true, description: 'City, town or village.' })
  city?: string | null;

  @Field(() => String, { nullable: true, description: 'State, county or province.' })
  state?: string | null;

  @Field(() => String, { nullable: true, description: 'Postal code.' })
  postalCode?: string | null;

  @Field(() => CountryCodeScalar, { description: 'Country.' })
  country!: string;
}
