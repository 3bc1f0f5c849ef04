// Package sessions is how officials sign in and out in a browser. Whoever shows who they are gets a cookie that scripts cannot
// read; pages send a token with whatever writes, so that no other site's page acts in an official's name.
package sessions
