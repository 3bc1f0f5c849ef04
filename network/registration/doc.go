// Package registration is an agency's registration authority: the one door from its gateway to its certificate authority. It lets
// through who was invited, with the secret of the invitation, for one certificate, and nothing else that the authority can do. It
// holds no registrar's password, makes no secrets and knows no keys of officials.
package registration
