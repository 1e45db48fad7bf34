import * as z from 'zod'
import { pageOf, pageQuery } from './paging.ts'
import { Role } from './permissions.ts'
import { line, Uuid } from './text.ts'

/** Compared and stored in lower case. */
export const Email = z
  .email()
  .max(254)
  .transform((email) => email.toLowerCase())
  .meta({ id: 'Email', examples: ['you@example.org'] })

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
  .meta({
    id: 'Register',
    examples: [
      {
        email: 'you@example.org',
        password: 'a long and private one',
        display_name: 'You',
        family_name: 'Yours',
      },
    ],
  })
export type Register = z.output<typeof Register>

export const Login = z
  .strictObject({
    email: Email,
    password: z.string().min(1).max(256),
    totp: z.string().min(1).max(32).optional(),
  })
  .meta({ id: 'Login', examples: [{ email: 'you@example.org', password: 'a long and private one' }] })
export type Login = z.output<typeof Login>

export const RefreshToken = z
  .strictObject({ refresh_token: z.string().min(1).max(256), family_id: Uuid.optional() })
  .meta({ id: 'RefreshToken', examples: [{ refresh_token: 'refresh_token of your session' }] })
export type RefreshToken = z.output<typeof RefreshToken>

export const Logout = z
  .strictObject({ scope: z.enum(['local', 'others', 'global']).default('local') })
  .meta({ id: 'Logout', examples: [{ scope: 'local' }] })
export type Logout = z.output<typeof Logout>

/** What a person may change of their own profile. */
export const UpdateMe = z
  .strictObject({ display_name: line(80) })
  .meta({ id: 'UpdateMe', examples: [{ display_name: 'Ann' }] })
export type UpdateMe = z.output<typeof UpdateMe>

export const ChangePassword = z
  .strictObject({ current_password: z.string().min(1).max(256), new_password: NewPassword })
  .meta({
    id: 'ChangePassword',
    examples: [{ current_password: 'a long and private one', new_password: 'another long one of mine' }],
  })
export type ChangePassword = z.output<typeof ChangePassword>

/**
 * Says once more who one is. Needed where the session was not opened within the last minutes with all that signing in
 * asks for; `totp` is a code of the authenticator or a recovery code.
 */
const proof = {
  password: z.string().min(1).max(256).optional(),
  totp: z.string().min(1).max(32).optional(),
}
export const EnrollTotp = z
  .strictObject(proof)
  .meta({ id: 'EnrollTotp', examples: [{ password: 'a long and private one' }] })
export type EnrollTotp = z.output<typeof EnrollTotp>
export const DisableTotp = z
  .strictObject(proof)
  .meta({ id: 'DisableTotp', examples: [{ password: 'a long and private one', totp: '123456' }] })
export type DisableTotp = z.output<typeof DisableTotp>

/** `secret` is base32 (RFC 6238: SHA-1, 6 digits, 30 seconds); `otpauth_uri` is what a QR code shows. */
export const TotpEnrolled = z
  .object({ secret: z.string(), otpauth_uri: z.string() })
  .meta({ id: 'TotpEnrolled' })
export type TotpEnrolled = z.output<typeof TotpEnrolled>

export const VerifyTotp = z
  .strictObject({ code: z.string().regex(/^[0-9]{6}$/, 'Expected the six digits that the app shows') })
  .meta({ id: 'VerifyTotp', examples: [{ code: '123456' }] })
export type VerifyTotp = z.output<typeof VerifyTotp>

/** Each recovery code opens one sign-in instead of a code of the app. They are shown this once. */
export const TotpEnabled = z.object({ recovery_codes: z.array(z.string()) }).meta({ id: 'TotpEnabled' })
export type TotpEnabled = z.output<typeof TotpEnabled>

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
    totp_enabled: z.boolean(),
  })
  .meta({ id: 'Me' })
export type Me = z.output<typeof Me>

/** A sign-in that runs: where it was made, with what, and when it was last used to refresh. */
export const RunningSession = z
  .object({
    id: z.uuid(),
    created_at: z.string(),
    last_seen_at: z.string(),
    expires_at: z.string(),
    client: ClientKind,
    user_agent: z.string().nullable(),
    ip: z.string(),
    current: z.boolean(),
  })
  .meta({ id: 'RunningSession' })
export type RunningSession = z.output<typeof RunningSession>
export const RunningSessionPage = pageOf(RunningSession, 'RunningSessionPage')

/** `user_id`: another member's sessions in this family, for who has `session.revoke.any`. */
export const ListSessions = z.strictObject({ ...pageQuery, user_id: Uuid.optional() })
export type ListSessions = z.output<typeof ListSessions>
