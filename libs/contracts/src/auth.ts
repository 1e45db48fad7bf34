import * as z from 'zod'
import { Role } from './permissions.ts'
import { line } from './text.ts'

/** Compared and stored in lower case. */
export const Email = z
  .email()
  .max(254)
  .transform((email) => email.toLowerCase())
  .meta({ id: 'Email' })

/** Only the length is checked here; common passwords are refused by the auth service. */
export const NewPassword = z
  .string()
  .min(12, 'Expected 12 characters or more')
  .max(256)
  .refine((text) => text.isWellFormed() && !text.includes('\0'), 'Expected plain text')

/** `family_name` makes a new family with the caller as its owner; `invitation_token` joins an existing one. */
export const Register = z
  .strictObject({
    email: Email,
    password: NewPassword,
    display_name: line(80),
    family_name: line(80).optional(),
    invitation_token: z.string().min(1).max(128).optional(),
  })
  .refine((body) => (body.family_name === undefined) !== (body.invitation_token === undefined), {
    path: ['family_name'],
    message: 'Expected either family_name or invitation_token',
  })
  .meta({ id: 'Register' })
export type Register = z.output<typeof Register>

export const Login = z
  .strictObject({
    email: Email,
    password: z.string().min(1).max(256),
    totp: z.string().min(1).max(32).optional(),
  })
  .meta({ id: 'Login' })
export type Login = z.output<typeof Login>

export const RefreshToken = z
  .strictObject({ refresh_token: z.string().min(1).max(256), family_id: z.uuid().optional() })
  .meta({ id: 'RefreshToken' })
export type RefreshToken = z.output<typeof RefreshToken>

export const Logout = z
  .strictObject({ scope: z.enum(['local', 'others', 'global']).default('local') })
  .meta({ id: 'Logout' })
export type Logout = z.output<typeof Logout>

export const ClientKind = z.enum(['web', 'bot', 'api']).meta({ id: 'ClientKind' })
export type ClientKind = z.output<typeof ClientKind>

export const User = z
  .object({ id: z.uuid(), email: z.string(), display_name: z.string() })
  .meta({ id: 'User' })
export type User = z.output<typeof User>

export const FamilyOfUser = z
  .object({ id: z.uuid(), name: z.string(), role: Role })
  .meta({ id: 'FamilyOfUser' })
export type FamilyOfUser = z.output<typeof FamilyOfUser>

/** Signs requests for this session; see docs/SIGNING.md. `secret` is base64url of 32 bytes. */
export const SigningKey = z
  .object({ key_id: z.string(), secret: z.string(), algorithm: z.literal('hmac-sha256') })
  .meta({ id: 'SigningKey' })
export type SigningKey = z.output<typeof SigningKey>

/** What signing in answers. Times are seconds. */
export const Session = z
  .object({
    access_token: z.string(),
    token_type: z.literal('Bearer'),
    expires_in: z.int(),
    refresh_token: z.string(),
    refresh_expires_in: z.int(),
    session_id: z.uuid(),
    signing_key: SigningKey,
    user: User,
    family: FamilyOfUser,
  })
  .meta({ id: 'Session' })
export type Session = z.output<typeof Session>

export const Me = z
  .object({
    user: User,
    session_id: z.uuid(),
    family: FamilyOfUser,
    families: z.array(FamilyOfUser),
    permissions: z.array(z.string()),
    telegram: z.object({ telegram_id: z.string(), username: z.string().nullable() }).nullable(),
  })
  .meta({ id: 'Me' })
export type Me = z.output<typeof Me>
