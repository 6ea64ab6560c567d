package store

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
)

// never stands for an absent moment in what queries return: Go's zero time.
const never = `timestamptz '0001-01-01 UTC'`

// column is a field of a struct as its table has it, by the name that sqlx gives the field.
type column struct {
	name  string
	kind  string // the SQL type that values are sent as
	zero  string // is read for null; empty where the field can hold null itself
	field []int
}

// columns maps a struct to its table in both directions: a field that is added to the struct needs no other line here.
type columns []column

// columnsOf are the columns of a struct and of those embedded in it. Fields that are no column, such as an order's
// tickets, are left out.
func columnsOf[T any]() (all columns) {
	for _, f := range reflect.VisibleFields(reflect.TypeFor[T]()) {
		c := column{name: f.Tag.Get("db"), field: f.Index}
		if c.name == "" {
			c.name = columnName(f.Name)
		}
		switch kind := f.Type.Kind(); {
		case f.Type == reflect.TypeFor[uuid.UUID](), f.Type == reflect.TypeFor[uuid.NullUUID]():
			c.kind = "uuid"
		case f.Type == reflect.TypeFor[time.Time]():
			c.kind, c.zero = "timestamptz", never
		case kind == reflect.Int, kind == reflect.Int64:
			c.kind, c.zero = "bigint", "0"
		case kind == reflect.String:
			c.kind, c.zero = "text", "''"
		case kind == reflect.Bool:
			c.kind, c.zero = "bool", "false"
		default:
			continue
		}
		all = append(all, c)
	}
	return all
}

// only picks columns by their names.
func (c columns) only(names ...string) (picked columns) {
	for _, name := range names {
		picked = append(picked, c[slices.Index(c.names(), name)])
	}
	return picked
}

// except leaves columns out.
func (c columns) except(names ...string) columns {
	return slices.DeleteFunc(slices.Clone(c), func(c column) bool { return slices.Contains(names, c.name) })
}

func (c columns) names() (names []string) {
	for _, c := range c {
		names = append(names, c.name)
	}
	return names
}

// String lists the names.
func (c columns) String() string { return strings.Join(c.names(), ", ") }

// read is the select list that fills the struct, in which null becomes Go's zero. The columns that are never null stay
// bare: for "order by" Postgres takes the name of a selected expression, which no index serves.
func (c columns) read(nullable ...string) string {
	list := c.names()
	for _, null := range c.only(nullable...) {
		list[slices.Index(list, null.name)] = fmt.Sprintf("coalesce(%[1]s, %[2]s) as %[1]s", null.name, null.zero)
	}
	return strings.Join(list, ", ")
}

// insert is "(a, b) values (:a, :b)" for these columns and more of them.
func (c columns) insert(more ...string) string {
	names := append(c.names(), more...)
	return fmt.Sprintf("(%s) values (:%s)", strings.Join(names, ", "), strings.Join(names, ", :"))
}

// set is "a = :a, b = :b".
func (c columns) set() string {
	list := c.names()
	for i, name := range list {
		list[i] = name + " = :" + name
	}
	return strings.Join(list, ", ")
}

// values are the fields of a row, by column.
func (c columns) values(row any) map[string]any {
	all := make(map[string]any, len(c))
	for _, c := range c {
		all[c.name] = reflect.ValueOf(row).FieldByIndex(c.field).Interface()
	}
	return all
}

// unnest is a table named d of rows that are sent as arrays, from one parameter of the statement on.
func (c columns) unnest(param int) string {
	arrays := make([]string, len(c))
	for i, c := range c {
		arrays[i] = fmt.Sprintf("$%d::%s[]", param+i, c.kind)
	}
	return fmt.Sprintf("unnest(%s) as d(%s)", strings.Join(arrays, ", "), c)
}

// arrays are the rows as the parameters of unnest.
func arrays[T any](c columns, rows []T) []any {
	all := make([]any, len(c))
	for i, c := range c {
		switch c.kind {
		case "bigint":
			all[i] = pq.Int64Array(values(rows, c, reflect.Value.Int))
		case "bool":
			all[i] = pq.BoolArray(values(rows, c, reflect.Value.Bool))
		case "text":
			all[i] = pq.StringArray(values(rows, c, reflect.Value.String))
		default:
			all[i] = pq.StringArray(values(rows, c, text))
		}
	}
	return all
}

func values[T, V any](rows []T, c column, value func(reflect.Value) V) []V {
	all := make([]V, len(rows))
	for i := range rows {
		all[i] = value(reflect.ValueOf(&rows[i]).Elem().FieldByIndex(c.field))
	}
	return all
}

// text is a value that Postgres parses. Its address is asked for, since the value itself in an interface would be a copy.
func text(v reflect.Value) string {
	switch v := v.Addr().Interface().(type) {
	case *time.Time:
		return string(pq.FormatTimestamp(*v))
	case fmt.Stringer:
		return v.String()
	}
	panic("no column: " + v.Type().String())
}
