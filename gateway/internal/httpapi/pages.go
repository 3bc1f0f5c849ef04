package httpapi

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"relieftrail/gateway/internal/httpapi/problem"
	"relieftrail/gateway/internal/httpapi/rest"
	"relieftrail/gateway/web"
)

func page(write http.HandlerFunc) rest.Handler {
	return func(c *gin.Context) error {
		write(c.Writer, c.Request)
		return nil
	}
}

// documentOf serves the OpenAPI document.
func documentOf(pages *web.Pages) rest.Handler {
	return func(c *gin.Context) error {
		pages.OpenAPI(c.Writer, c.Request)
		return nil
	}
}

// problemPage explains the type of a problem.
func problemPage(pages *web.Pages) rest.Handler {
	return func(c *gin.Context) error {
		if !pages.Problem(c.Writer, c.Request, c.Param("slug")) {
			return problem.NotFound.Because("没有这种错误类型。", "There is no such type of problem.")
		}
		return nil
	}
}

// workplace serves the officials' workplace, whose page finds in the address what it shows.
func workplace(pages *web.Workplace) rest.Handler {
	return func(c *gin.Context) error {
		if !pages.Serve(c.Writer, c.Request, c.Param("path")) {
			return problem.NotFound.Because("没有这个文件，或者本网关没有安装工作台页面。", "There is no such file, or this gateway has no workplace.")
		}
		return nil
	}
}

func asset(pages *web.Pages) rest.Handler {
	return func(c *gin.Context) error {
		if !pages.Asset(c.Writer, c.Request, c.Param("name")) {
			return problem.NotFound.Because("没有这个文件。", "There is no such file.")
		}
		return nil
	}
}
