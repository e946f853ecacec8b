from django.urls import URLPattern, URLResolver, path

from programs.views import picture

app_name = "programs"
urlpatterns: list[URLPattern | URLResolver] = [path("<uuid:pk>/", picture, name="picture")]
