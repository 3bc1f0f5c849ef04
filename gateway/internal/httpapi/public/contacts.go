package public

import (
	"context"

	"github.com/gin-gonic/gin"

	"relieftrail/chaincode/relief/registry"
	"relieftrail/gateway/internal/bilingual"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/internal/naming"
	"relieftrail/gateway/web"
)

// ContactsPath is the path of the page that says where people ask and complain.
const ContactsPath = "/contacts"

// contactList are contacts as the agencies have agreed on them.
type contactList struct {
	Items []registry.Contact `json:"items"`
}

// Contacts lists where the people of a region ask, apply and complain; without a region, where all do (R27).
func (h *Handlers) Contacts(c *gin.Context) error {
	found, err := h.contactsOf(c)
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "public, max-age=60")
	return rest.JSON(c, contactList{found})
}

// ContactsPage shows them.
func (h *Handlers) ContactsPage(pages *web.Pages) rest.Handler {
	return func(c *gin.Context) error {
		found, err := h.contactsOf(c)
		if err != nil {
			return err
		}
		w, err := h.words(c.Request.Context())
		if err != nil {
			return err
		}
		page := web.ContactsPage{Region: string(ByRegion.In(c))}
		for i := range found {
			page.Contacts = append(page.Contacts, w.contact(&found[i]))
		}
		return pages.Contacts(c.Writer, c.Request, page)
	}
}

func (h *Handlers) contactsOf(c *gin.Context) ([]registry.Contact, error) {
	if err := h.core.IndexFault(); err != nil {
		return nil, err
	}
	region := ByRegion.In(c)
	return h.contacts.get(c.Request.Context(), string(region), func(ctx context.Context) ([]registry.Contact, error) {
		agreed, err := h.Index.Registry(ctx)
		if err != nil || region == "" {
			return agreed.Contacts, err
		}
		return agreed.ContactsFor(region), nil
	})
}

// contactKinds are the kinds of contacts in words.
var contactKinds = map[registry.ContactKind]bilingual.Text{
	registry.ContactHotline: {Zh: "热线", En: "hotline"}, registry.ContactOffice: {Zh: "办公地点", En: "office"},
	registry.ContactLetterBox: {Zh: "意见箱", En: "letter box"},
}

func (w *words) contact(c *registry.Contact) web.Contact {
	shown := web.Contact{
		Kind: contactKinds[c.Kind], Name: bilingual.Text{Zh: c.Name, En: c.NameEn}, Place: w.place(c.Region, naming.Province),
		Phone: c.Phone, Address: c.Address, Hours: c.Hours,
	}
	for _, digit := range c.Phone {
		if digit >= '0' && digit <= '9' || digit == '+' {
			shown.Dial += string(digit)
		}
	}
	return shown
}
